// One imagined trade: what a version would have earned in a window, by the same rules of risk and on the same quotes as the
// trades that are real, and without moving either.
import type { RiskLimits, Sizing } from "../risk/settings.ts";

/** What turns a signal into shares. */
export interface BookTerms {
  readonly sizing: Sizing;
  readonly scalePpm: number;
  readonly limits: RiskLimits;
  /** What Kelly takes its fraction of. */
  readonly bankrollMicros: number;
}
