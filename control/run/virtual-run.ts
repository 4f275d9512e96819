// Virtual time: as fast as the machine goes, everything in this thread, the same core. Nothing here reads a clock to decide.
import { setImmediate as breathe } from "node:timers/promises";
import type { RunOptions } from "../run-options.ts";
import type { Bot } from "./bot.ts";

/** How long the loop may keep the thread to itself: signals, progress and the status file come in between. */
const BREATH_MS = 100;

export class VirtualRun {
  readonly #bot: Bot;
  readonly #options: RunOptions;
  readonly #endMs: number | null;
  readonly #progress: (atMs: number) => void;
  #stopped = false;

  constructor(bot: Bot, options: RunOptions, endMs: number | null, progress: (atMs: number) => void) {
    this.#bot = bot;
    this.#options = options;
    this.#endMs = endMs;
    this.#progress = progress;
  }

  stop(): void {
    this.#stopped = true;
  }

  async run(): Promise<void> {
    const { cycleMs, startMs, engine } = this.#bot;
    let atMs = startMs;
    let cycle = engine.cycle;
    let breathedMs = performance.now();
    for (let run = 0; !this.#stopped && !this.#isOver(atMs + cycleMs, run); run++) {
      const nextMs = (Math.floor(atMs / cycleMs) + 1) * cycleMs;
      this.#bot.advance(atMs, nextMs);
      atMs = nextMs;
      cycle += 1;
      this.#bot.startCycle(cycle, atMs);
      if (performance.now() - breathedMs < BREATH_MS) continue;
      this.#progress(atMs);
      this.#bot.offerStatus();
      await breathe();
      breathedMs = performance.now();
    }
  }

  #isOver(nextMs: number, cyclesRun: number): boolean {
    const { until } = this.#options;
    if (until?.type === "Utc" && nextMs > until.atMs) return true;
    if (until?.type === "Cycles" && cyclesRun >= until.cycles) return true;
    return this.#endMs !== null && nextMs > this.#endMs;
  }
}
