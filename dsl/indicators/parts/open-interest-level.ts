// Open interest as a sample: known or not, and whether it still counts the same contract. A step of more than 30 % in one
// sample is a contract migration, after which levels before and after cannot be compared.
import type { Candle } from "../../candle.ts";
import { Cells } from "./part.ts";

const STEP_MAX = 0.3;

export class OpenInterestLevel extends Cells {
  /** Of the last push: this sample breaks with the last known one. */
  isBreak = false;

  constructor() {
    super(1);
  }

  /** Coins; NaN where missing or 0. */
  push({ openInterest }: Candle, commit: boolean): number {
    const last = this.cells[0]!;
    const isKnown = openInterest > 0 && Number.isFinite(openInterest);
    this.isBreak = isKnown && Math.abs(openInterest / last - 1) > STEP_MAX;
    if (isKnown && commit) this.cells[0] = openInterest;
    return isKnown ? openInterest : Number.NaN;
  }
}
