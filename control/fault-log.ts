// A strategy that fails in every cycle must not bury the log. The first faults of a kind are shown, then one a minute that
// says how many there were since.

const SHOWN_FIRST = 3;
const GAP_MS = 60_000;
/** Different messages kept apart, all strategies together; the one longest silent is forgotten first. */
const KINDS_MAX = 200;

interface Seen {
  readonly count: number;
  readonly shownMs: number;
  readonly suppressed: number;
}

export class FaultLog {
  readonly #seen = new Map<string, Seen>();

  /** Null: keep quiet. Otherwise show it, and say that it came `suppressed` more times since it was last shown. */
  admit(strategy: string, message: string, nowMs: number): { readonly suppressed: number } | null {
    const key = `${strategy}\n${message}`;
    const seen = this.#seen.get(key) ?? { count: 0, shownMs: nowMs, suppressed: 0 };
    const count = seen.count + 1;
    const shown = count <= SHOWN_FIRST || nowMs - seen.shownMs >= GAP_MS;
    // Put in again, so that the map stays in the order of the last occurrence.
    this.#seen.delete(key);
    this.#seen.set(
      key,
      shown ? { count, shownMs: nowMs, suppressed: 0 } : { ...seen, count, suppressed: seen.suppressed + 1 },
    );
    if (this.#seen.size > KINDS_MAX) this.#seen.delete(this.#seen.keys().next().value!);
    return shown ? { suppressed: seen.suppressed } : null;
  }
}
