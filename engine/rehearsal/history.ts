// What a bot recorded of its markets, in memory, as far back as rehearsals look. It does not know where the rows come from.
import type { Asset, WindowInterval } from "../../dsl/asset.ts";
import { CANDLE_INTERVALS, CANDLE_MS } from "../../dsl/candle.ts";
import type { MarketId, SlotId } from "../base/ids.ts";
import type { CandleRow, MarketRow, MemorySampleRow, SampleRow } from "../store/tables.ts";
import { REHEARSED_WINDOWS } from "./port.ts";
import { RecordedAsset } from "./recorded-asset.ts";
import { RecordedWindow } from "./recorded-window.ts";

/** Old samples and candles are dropped in pieces: what is left has to be moved each time. */
const FORGET_SHARE_MIN = 0.2;

export class History {
  readonly #assets = new Map<string, RecordedAsset>();
  readonly #windows = new Map<MarketId, RecordedWindow>();
  /** By asset and interval, oldest first. */
  readonly #byInterval = new Map<string, RecordedWindow[]>();
  /** By slot, oldest first: what was remembered from then on. */
  readonly #memories = new Map<SlotId, MemorySampleRow[]>();

  get assets(): IterableIterator<RecordedAsset> {
    return this.#assets.values();
  }

  asset(name: string): RecordedAsset {
    const known = this.#assets.get(name);
    if (known !== undefined) return known;
    const fresh = new RecordedAsset(name as Asset);
    this.#assets.set(name, fresh);
    return fresh;
  }

  /** Oldest first; at most as many as are rehearsed. */
  windows(asset: Asset, interval: WindowInterval): readonly RecordedWindow[] {
    return this.#byInterval.get(`${asset} ${interval}`) ?? [];
  }

  get allWindows(): IterableIterator<RecordedWindow> {
    return this.#windows.values();
  }

  window(id: MarketId): RecordedWindow | null {
    return this.#windows.get(id) ?? null;
  }

  /** Length of the shortest candles there are, ms; 0 for none. */
  get shortestMs(): number {
    const assets = [...this.#assets.values()];
    const shortest = CANDLE_INTERVALS.find((interval) => assets.some((asset) => asset.candles(interval).end > 0));
    return shortest === undefined ? 0 : CANDLE_MS[shortest];
  }

  addCandle(row: CandleRow): void {
    this.asset(row.asset).addCandle(row);
  }

  addSample(row: SampleRow): void {
    this.asset(row.asset).addSample(row);
  }

  /** In the order of their open. */
  addWindow(row: MarketRow): RecordedWindow {
    const window = new RecordedWindow(row, this.asset(row.asset));
    this.#windows.set(window.id, window);
    const key = `${row.asset} ${row.interval}`;
    const windows = this.#byInterval.get(key) ?? [];
    windows.push(window);
    this.#byInterval.set(key, windows);
    while (windows.length > REHEARSED_WINDOWS) this.#windows.delete(windows.shift()!.id);
    return window;
  }

  addMemory(row: MemorySampleRow): void {
    const memories = this.#memories.get(row.slot) ?? [];
    memories.push(row);
    this.#memories.set(row.slot, memories);
  }

  /** What decided in the slot remembered this at a moment; null when nothing was. */
  memory(slot: SlotId, atMs: number): MemorySampleRow | null {
    const memories = this.#memories.get(slot) ?? [];
    let [from, to] = [0, memories.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (memories[middle]!.atMs > atMs) to = middle;
      else from = middle + 1;
    }
    return memories[from - 1] ?? null;
  }

  /** Forgets what the windows do not need. Not while someone is at a window that was given up. */
  forget(): void {
    const oldest = new Map<RecordedAsset, number>();
    for (const [window] of this.#byInterval.values()) {
      if (window !== undefined)
        oldest.set(window.asset, Math.min(window.market.openMs, oldest.get(window.asset) ?? Infinity));
    }
    for (const [asset, openMs] of oldest) {
      const { firstSample, endSample } = asset;
      const needed = firstSample + Math.floor((endSample - firstSample) * FORGET_SHARE_MIN);
      if (needed < endSample && asset.atMs(needed) < openMs) asset.forget(openMs);
    }
    const oldestMs = Math.min(...oldest.values());
    for (const memories of this.#memories.values()) {
      const needed = memories.findLastIndex(({ atMs }) => atMs <= oldestMs);
      if (oldest.size > 0 && needed > memories.length * FORGET_SHARE_MIN) memories.splice(0, needed);
    }
  }
}
