// Watches what each version's trades come to, against the price at which they would break even: a code that loses money slowly is
// a silent failure. Real trades are watched for as long as the version decides, imagined ones while it is on trial.
import type { MarketId, SlotId } from "../base/ids.ts";
import { type VersionKey, versionKey } from "../decide/version.ts";
import type { Position } from "../execution/position.ts";
import { computedOutcome, type WindowState } from "../market/market-state.ts";
import type { MetaRow } from "../store/tables.ts";
import type { Turn } from "../turn.ts";
import { describeAlarm } from "./detector.ts";
import { VersionDetector, type VersionDetectorState } from "./version-detector.ts";

const META_PREFIX = "detector ";
/** Versions watched at once: what runs, what is pinned, and what was replaced a moment ago. */
const DETECTORS_MAX = 256;

/** A position as it was entered, whatever was sold since. */
interface Entry {
  readonly slot: SlotId;
  readonly market: MarketId;
  readonly version: Position["version"];
  readonly side: Position["side"];
  readonly boughtSharesMicros: number;
  /** Price and fee of a share, 0 … 1. */
  readonly breakEven: number;
}

/** A version's trades in one close were worse than its prices allow for. */
export interface PerformanceHit {
  readonly version: Position["version"];
  /** Assets, or "all" for the version as a whole. */
  readonly scopes: readonly string[];
  readonly message: string;
}

export class Performance {
  readonly #entries = new Map<string, Entry>();
  readonly #detectors = new Map<VersionKey, VersionDetector>();

  constructor(meta: readonly MetaRow[]) {
    for (const { name, value } of meta) {
      if (!name.startsWith(META_PREFIX)) continue;
      const { key, state } = JSON.parse(value) as { key: VersionKey; state: VersionDetectorState };
      this.#detectors.set(key, new VersionDetector(state));
    }
  }

  /** A position as it stands: what it cost is known for certain only while it is bought. */
  see(position: Position): void {
    const { slot, market, version, side, boughtSharesMicros, sharesMicros, costMicros, feesMicros } = position;
    if (sharesMicros !== boughtSharesMicros || boughtSharesMicros === 0) return;
    const key = `${slot} ${market}`;
    if (this.#entries.get(key)?.boughtSharesMicros === boughtSharesMicros) return;
    const breakEven = (costMicros + feesMicros) / boughtSharesMicros;
    this.#entries.set(key, { slot, market, version, side, boughtSharesMicros, breakEven });
  }

  /** Windows whose end price has become known: what the trades in them say of the versions that made them. */
  settled(windows: readonly WindowState[], turn: Turn): readonly PerformanceHit[] {
    const trades = new Map<VersionKey, { readonly version: Entry["version"]; readonly byClose: TradesByClose }>();
    for (const [key, entry] of this.#entries) {
      const window = windows.find(({ market }) => market.id === entry.market);
      const outcome = window === undefined ? null : computedOutcome(window);
      if (window === undefined || outcome === null) continue;
      this.#entries.delete(key);
      const { version, breakEven, side } = entry;
      const group = trades.get(versionKey(version)) ?? { version, byClose: new Map() };
      trades.set(versionKey(version), group);
      const { closeMs, asset } = window.market;
      const together = group.byClose.get(closeMs) ?? [];
      together.push({ asset, breakEven, won: outcome === side });
      group.byClose.set(closeMs, together);
    }
    return [...trades].flatMap(([key, { version, byClose }]) => {
      const hits = hitsOf(this.#detectorOf(key), byClose);
      turn.write({ table: "meta", row: { name: META_PREFIX + version.strategy, value: this.#stateOf(key) } });
      return hits === null ? [] : [{ version, ...hits }];
    });
  }

  /** Entries of windows that will never be judged. */
  forget(isOver: (market: MarketId) => boolean): void {
    for (const [key, { market }] of this.#entries) if (isOver(market)) this.#entries.delete(key);
  }

  #detectorOf(key: VersionKey): VersionDetector {
    const known = this.#detectors.get(key) ?? new VersionDetector();
    this.#detectors.delete(key); // The one asked for last is the youngest.
    this.#detectors.set(key, known);
    for (const oldest of this.#detectors.keys())
      if (this.#detectors.size > DETECTORS_MAX) this.#detectors.delete(oldest);
    return known;
  }

  #stateOf(key: VersionKey): string {
    return JSON.stringify({ key, state: this.#detectorOf(key).state });
  }
}

type Trade = { readonly asset: string; readonly breakEven: number; readonly won: boolean };
export type TradesByClose = Map<number, Trade[]>;

/** Null where nothing is alarming. */
export function hitsOf(
  detector: VersionDetector,
  byClose: TradesByClose,
): { readonly scopes: readonly string[]; readonly message: string } | null {
  const hits = [...byClose]
    .sort(([a], [b]) => a - b)
    .flatMap(([closeMs, together]) => detector.settle(closeMs, together));
  if (hits.length === 0) return null;
  return {
    scopes: [...new Set(hits.map(({ scope }) => scope))],
    message: hits.map(({ scope, alarm }) => `${scope}: ${describeAlarm(alarm)}`).join("; "),
  };
}
