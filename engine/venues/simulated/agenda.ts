// What will happen and when: a list in order of time, first come first served within one millisecond.

export class Agenda<Action> {
  #entries: { readonly atMs: number; readonly action: Action }[] = [];

  get nextAtMs(): number {
    return this.#entries[0]?.atMs ?? Number.POSITIVE_INFINITY;
  }

  add(atMs: number, action: Action): void {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#entries[middle]!.atMs <= atMs) low = middle + 1;
      else high = middle;
    }
    this.#entries.splice(low, 0, { atMs, action });
  }

  take(): Action | undefined {
    return this.#entries.shift()?.action;
  }
}
