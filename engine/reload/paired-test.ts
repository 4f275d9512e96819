// Evidence that a candidate earns less than what runs, valid whenever one looks: an e-process. A fixed-horizon test that is
// looked at after every window refuses sound candidates far more often than it says.
//
// x = difference of profit a share, scaled to -1 … 1. If the candidate does not earn less, E[x | past] ≥ 0, so for each λ in
// (0, 1) the wealth Π(1 − λx) of a bet against it is a non-negative supermartingale that begins at 1, and so is the mean over a
// fixed grid of λ. By Ville's inequality it ever reaches 1/α with a chance of at most α.
import { assert } from "../base/assert.ts";
import { MICROS } from "../base/micros.ts";

/** A candidate is refused here: one in a hundred that earn no less would be, however long they are watched. */
export const HARM_REFUSES = 100;
/** From here to the refusal it is neither refused nor let through without asking: one in ten that earn no less come here. */
export const HARM_DOUBTS = 10;

/** Keeps the figure finite, in JSON too; the wealth itself is kept as logs. */
const HARM_MAX = 1e12;
/** The λ that grows fastest is about -E[x] ÷ E[x²], often near 1 on this scale; between two of these it is nearly as good. */
const STAKES = [1 / 16, 1 / 8, 1 / 4, 1 / 2, 0.98];
const DIFFERENCE_MAX_MICROS = 2 * MICROS;

export interface PairedTestState {
  /** For each λ. */
  readonly logWealth: readonly number[];
  readonly compared: number;
}

export class PairedTest {
  #state: PairedTestState;

  constructor(state: PairedTestState = { logWealth: STAKES.map(() => 0), compared: 0 }) {
    assert(state.logWealth.length === STAKES.length, `${state.logWealth.length} bets, expected ${STAKES.length}`);
    this.#state = state;
  }

  /**
   * Candidate minus running, micro-USDC a share, -2,000,000 … 2,000,000 (abstaining earns 0), of all slots whose window closed
   * at the same moment. They are correlated, so their mean is one observation.
   */
  add(differences: readonly number[]): void {
    if (differences.length === 0) return;
    let sum = 0;
    for (const difference of differences) {
      assert(
        Number.isSafeInteger(difference) && Math.abs(difference) <= DIFFERENCE_MAX_MICROS,
        `A difference of ${difference} micro-USDC a share`,
      );
      sum += difference;
    }
    const x = sum / differences.length / DIFFERENCE_MAX_MICROS;
    this.#state = {
      logWealth: this.#state.logWealth.map((log, index) => log + Math.log1p(-STAKES[index]! * x)),
      compared: this.#state.compared + 1,
    };
  }

  /** 1: no evidence. It may fall again: who refuses does so at the first time it is reached. */
  get harm(): number {
    const { logWealth } = this.#state;
    const wealth = logWealth.reduce((sum, log) => sum + Math.exp(log), 0) / logWealth.length;
    return Math.min(HARM_MAX, wealth);
  }

  /** Moments at which windows closed. */
  get compared(): number {
    return this.#state.compared;
  }

  get state(): PairedTestState {
    return this.#state;
  }
}
