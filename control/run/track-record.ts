// The last hundred results of each strategy in this life of the process: what status shows at a glance. The ledger has them all.
import { wilsonInterval } from "../../dsl/indicators/statistics.ts";
import type { LogEntry } from "../../engine/event.ts";

const TRADES_KEPT = 100;

export class TrackRecord {
  readonly #wins = new Map<string, boolean[]>();

  /** Reads the lines that finished positions leave. */
  observe({ event, fields }: LogEntry): void {
    if (event !== "position.settled" && event !== "position.closed") return;
    const strategy = String(fields.version).split("@")[0]!;
    const results = this.#wins.get(strategy) ?? [];
    results.push(Number(fields.netMicros) > 0);
    if (results.length > TRADES_KEPT) results.shift();
    this.#wins.set(strategy, results);
  }

  /** With its 95 % Wilson interval; null before the first result. */
  winRate(strategy: string): { rate: number; low: number; high: number; trades: number } | null {
    const results = this.#wins.get(strategy);
    if (results === undefined) return null;
    const wins = results.filter(Boolean).length;
    return { rate: wins / results.length, ...wilsonInterval(wins, results.length), trades: results.length };
  }
}
