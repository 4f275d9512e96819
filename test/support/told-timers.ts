// Timers of a test: they run when they are told to, and no test waits for a clock.

export class Timers {
  #nowMs = 0;
  #waiting: { readonly atMs: number; readonly run: () => void }[] = [];

  readonly set = (run: () => void, ms = 0) => {
    const timer = { atMs: this.#nowMs + ms, run };
    this.#waiting.push(timer);
    return timer;
  };
  readonly clear = (timer: unknown) => {
    this.#waiting = this.#waiting.filter((each) => each !== timer);
  };

  async elapse(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      const [next] = this.#waiting.toSorted((a, b) => a.atMs - b.atMs);
      if (next === undefined || next.atMs > untilMs) break;
      this.#nowMs = next.atMs;
      this.clear(next);
      next.run();
      await new Promise(setImmediate);
    }
    this.#nowMs = untilMs;
  }

  async settle(): Promise<void> {
    await new Promise(setImmediate);
    while (this.#waiting.length > 0) await this.elapse(1_000);
  }
}
