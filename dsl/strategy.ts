// strategy(): the one default export of a strategy file. It declares parameters and inputs, then decides.
import type { Asset, WindowInterval } from "./asset.ts";
import type { Input, Readings } from "./input.ts";
import type { Param, ParamValues } from "./param.ts";
import type { Signal } from "./signal.ts";

/** Best quotes of one outcome token: prices in USDC a share, sizes in shares. An empty side has size 0. */
export interface Quote {
  readonly bid: number;
  readonly ask: number;
  readonly bidSize: number;
  readonly askSize: number;
}

/** The market a decision is about. */
export interface Window {
  readonly asset: Asset;
  readonly interval: WindowInterval;
  /** The asset's price now, USDC. */
  readonly spot: number;
  /** The price to beat: the asset's price at the window's open, USDC. */
  readonly open: number;
  readonly secondsLeft: number;
  readonly up: Quote;
  readonly down: Quote;
  /** Taker fee of shares × feeRate × p × (1 − p). */
  readonly feeRate: number;
}

export interface Position {
  readonly side: "up" | "down";
  readonly shares: number;
  /** USDC a share. */
  readonly averagePrice: number;
  readonly secondsHeld: number;
}

/** A value that is read and never changed in place: what a strategy wants to remember, it returns. */
type Frozen<T> = T extends object ? { readonly [K in keyof T]: Frozen<T[K]> } : T;

export interface Context<P, M> {
  readonly params: ParamValues<P>;
  readonly window: Window;
  readonly position: Position | null;
  /** What the last signal that had a `memory` remembered; `initial` before the first. Frozen. */
  readonly memory: Frozen<M>;
}

export interface StrategySpec<P extends Record<string, Param>, I extends Record<string, Input<unknown>>, M> {
  readonly about: string;
  readonly params?: P;
  readonly inputs: (params: ParamValues<P>) => I;
  readonly memory?: {
    readonly initial: M;
    /** Makes this version's memory from another's (`from` = "momentum@3f9a2c1e"); without it a new version starts from `initial`. */
    readonly migrate?: (memory: unknown, from: string) => NoInfer<M>;
  };
  readonly decide: (readings: Readings<I>, context: Context<P, M>) => Signal<Frozen<NoInfer<M>>>;
}

export interface Strategy {
  readonly type: "strategy";
  readonly about: string;
}

export function strategy<
  const P extends Record<string, Param> = Record<never, Param>,
  I extends Record<string, Input<unknown>> = Record<never, Input<unknown>>,
  M = undefined,
>(spec: StrategySpec<P, I, M>): Strategy {
  return Object.freeze({ ...spec, type: "strategy" });
}
