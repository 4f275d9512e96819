// Sudden moves, some of which go too far: the price runs within seconds, gives a part back over minutes, and the rest
// fades over hours so that the level stays bounded. A real move comes with volume and reverts little; an overreaction
// comes without and reverts much. Hashed per slot of time, so any second can be asked for.
import { uniform } from "../../base/prng.ts";

const SLOT_SECONDS = 1_024;
const CHANCE_PER_SLOT = 0.12;
const FADE_SECONDS = 6_000;
const RISE_SECONDS_MAX = 40;
const VOLUME_SECONDS = 60;
/** Earlier slots whose jumps can still be felt. */
const SLOTS_BACK = Math.ceil((FADE_SECONDS + RISE_SECONDS_MAX) / SLOT_SECONDS);

interface Jump {
  readonly startSecond: number;
  readonly riseSeconds: number;
  /** Log return at the peak. */
  readonly size: number;
  /** Share of the size that is given back. */
  readonly reversal: number;
  readonly reversalSeconds: number;
  /** Multiplies volume while the move is young. */
  readonly volumeFactor: number;
}

export class Jumps {
  readonly #seed: number;
  readonly #volatilityPerRootSecond: number;
  #slot = -1;
  #felt: readonly Jump[] = [];

  constructor(seed: number, volatilityPerRootSecond: number) {
    this.#seed = seed;
    this.#volatilityPerRootSecond = volatilityPerRootSecond;
  }

  /** Sum of all jumps' log returns as they stand at this second. */
  displacement(second: number): number {
    let sum = 0;
    for (const jump of this.#at(second)) sum += displacementOf(jump, second - jump.startSecond);
    return sum;
  }

  volumeFactor(second: number): number {
    let factor = 1;
    for (const { startSecond, volumeFactor } of this.#at(second)) {
      if (second >= startSecond && second < startSecond + VOLUME_SECONDS) factor *= volumeFactor;
    }
    return factor;
  }

  #at(second: number): readonly Jump[] {
    const slot = Math.floor(second / SLOT_SECONDS);
    if (slot !== this.#slot) {
      this.#slot = slot;
      const slots = Array.from({ length: SLOTS_BACK + 1 }, (_, i) => slot - SLOTS_BACK + i);
      this.#felt = slots.filter((each) => this.#draw(each, 0) < CHANCE_PER_SLOT).map((each) => this.#jump(each));
    }
    return this.#felt;
  }

  #jump(slot: number): Jump {
    const between = (field: number, low: number, high: number): number => low + (high - low) * this.#draw(slot, field);
    const isReal = this.#draw(slot, 1) < 0.5;
    const oneMinute = this.#volatilityPerRootSecond * Math.sqrt(60);
    return {
      startSecond: slot * SLOT_SECONDS + Math.floor(between(2, 0, SLOT_SECONDS)),
      riseSeconds: Math.round(between(3, 5, RISE_SECONDS_MAX)),
      size: (this.#draw(slot, 4) < 0.5 ? -1 : 1) * oneMinute * between(5, 3, 6),
      reversal: isReal ? between(6, 0.05, 0.25) : between(6, 0.5, 0.9),
      reversalSeconds: between(7, 60, 240),
      volumeFactor: isReal ? between(8, 4, 10) : between(8, 0.3, 0.6),
    };
  }

  #draw(slot: number, field: number): number {
    return uniform(this.#seed, slot, field);
  }
}

function displacementOf({ riseSeconds, size, reversal, reversalSeconds }: Jump, ageSeconds: number): number {
  if (ageSeconds <= 0) return 0;
  if (ageSeconds < riseSeconds) return (size * ageSeconds) / riseSeconds;
  const sinceSeconds = ageSeconds - riseSeconds;
  if (sinceSeconds >= FADE_SECONDS) return 0;
  return (
    size * (reversal * Math.exp(-sinceSeconds / reversalSeconds) + (1 - reversal) * (1 - sinceSeconds / FADE_SECONDS))
  );
}
