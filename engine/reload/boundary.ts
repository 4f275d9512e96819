// The boundary between two cycles: the only place where versions change. The change itself is one pointer a slot and nothing else;
// what must be known before and written after is done around it.
import { assert } from "../base/assert.ts";
import type { SlotId } from "../base/ids.ts";
import type { VersionRef } from "../decide/version.ts";
import type { Desk } from "../execution/desk.ts";
import type { Latches } from "../latches.ts";
import type { Slot, Slots } from "../slots.ts";
import type { Turn } from "../turn.ts";
import { coreDigest } from "./core-digest.ts";

export interface Boundary {
  /** What decides since, and where. */
  readonly activated: readonly { readonly version: VersionRef; readonly slots: readonly SlotId[] }[];
  /** Digests of what a reload must not touch. */
  readonly before: string;
  readonly after: string;
  /** Real time that the change took, µs; null where nobody measured it. */
  readonly micros: number | null;
}

interface Core {
  readonly slots: Slots;
  /** One that trades in all of its slots already, as a canary does, is activated although no pointer changes. */
  readonly candidates: { readonly isArmed: boolean };
  readonly desk: Desk;
  readonly latches: Latches;
}

export class BoundaryCrossing {
  readonly #core: Core;
  #before: string | null = null;
  #swapped: readonly Slot[] = [];
  #micros: number | null = null;

  constructor(core: Core) {
    this.#core = core;
  }

  open(): void {
    const { slots, candidates, desk, latches } = this.#core;
    this.#before = slots.isArmed || candidates.isArmed ? coreDigest(desk, latches) : null;
  }

  cross(): void {
    this.#micros = null;
    this.#swapped = this.#core.slots.swap();
  }

  measured(micros: number): void {
    this.#micros = micros;
  }

  /** Null when nothing was armed. Writes down what changed. */
  close(turn: Turn): Boundary | null {
    const [before, swapped] = [this.#before, this.#swapped];
    this.#before = null;
    this.#swapped = [];
    assert(before !== null || swapped.length === 0, "Versions were armed after their cycle was opened");
    if (before === null) return null;
    const { slots, desk, latches } = this.#core;
    const activated = slots.recordActivations(swapped, turn);
    return { activated, before, after: coreDigest(desk, latches), micros: this.#micros };
  }
}
