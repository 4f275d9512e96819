// Turns market state into the numbers a decision sees. Inputs are computed once per asset and shared; a frame is a copy of them.
import type { Asset } from "../../dsl/asset.ts";
import type { VersionFacts } from "../decide/version.ts";
import { type MarketState, spotOf, type WindowState } from "../market/market-state.ts";
import { writeFrame } from "./frame-writer.ts";
import type { HeldPosition } from "./held-position.ts";
import { LiveInputs } from "./live-inputs.ts";

export class FrameBuilder {
  readonly #market: MarketState;
  readonly #inputs: LiveInputs;

  /** `shortestMs`: length of the candles that the source has; 0 for ticks. */
  constructor(market: MarketState, shortestMs = 0) {
    this.#market = market;
    this.#inputs = new LiveInputs(market, shortestMs);
  }

  /** Makes every input of this version ready on this asset, from kept history: done before the version is armed, off the boundary. */
  prepare(facts: VersionFacts, asset: Asset): void {
    this.#inputs.prepare(facts, asset);
  }

  /** Forgets series that no listed version uses any more. */
  retain(inUse: readonly { readonly facts: VersionFacts; readonly asset: Asset }[]): void {
    this.#inputs.retain(inUse);
  }

  /** Fills `frame` (of the version's layout size) with what a decision at `nowMs` sees. */
  build(
    facts: VersionFacts,
    window: WindowState,
    position: HeldPosition | null,
    nowMs: number,
    staleAfterMs: number,
    frame: Float64Array,
  ): void {
    const state = this.#market.asset(window.market.asset);
    const isStale = state.lastTick === null || nowMs - state.lastTick.receivedAtMs > staleAfterMs;
    writeFrame(facts, { window, position, spot: spotOf(state), isStale, nowMs }, this.#inputs, frame);
  }
}
