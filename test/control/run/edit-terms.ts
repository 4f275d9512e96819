// What the model of edits speaks of: policies, slots and candidates, without any of the product's code.

export type Step =
  | { readonly type: "shadow"; readonly windows: number }
  | { readonly type: "canary"; readonly slots: number; readonly windows: number }
  | { readonly type: "approve" };

export const POLICIES = {
  auto: [],
  approve: [{ type: "approve" }],
  "shadow:1": [{ type: "shadow", windows: 1 }],
  "canary:1/1 -> approve": [{ type: "canary", slots: 1, windows: 1 }, { type: "approve" }],
} as const satisfies Record<string, readonly Step[]>;
export type Policy = keyof typeof POLICIES;

/** Cycles of a window. */
export const WINDOW = 5;
/** Prices at a close are final so many cycles later. */
export const SETTLES_AFTER = WINDOW + 1;
export const BROKEN = "x-";
export const UNPROVEN = "de";
export const GOOD_MAX = 2;

export interface Wish {
  readonly size: number | null;
  readonly policy: Policy;
}

export interface SlotModel {
  readonly id: string;
  /** Its own size, where control gives none. */
  readonly size: number;
  running: string | null;
  armed: string | null;
  good: string[];
  hasDecided: boolean;
  /** What took over last. */
  activated: string | null;
  /** Ran before a restart, until the first boundary after it. */
  resumed: string | null;
  /** What holds a position, and in which window. */
  pin: { readonly window: number; readonly name: string } | null;
}

export interface Candidate {
  /** All that it is about, and the slots that it changes. */
  readonly versions: readonly string[];
  readonly wanted: ReadonlyMap<SlotModel, string>;
  readonly steps: readonly Step[];
  /** Of other code than is on disk. */
  isStored: boolean;
  passed: number;
  isApproved: boolean;
  isArmed: boolean;
  /** A restart has stopped it, and it was not looked at again yet. */
  isInterrupted: boolean;
  canary: SlotModel[];
  trial: {
    readonly slots: readonly SlotModel[];
    readonly open: Map<number, Set<SlotModel>>;
    readonly settled: Map<SlotModel, number>;
  } | null;
  against: string;
}

/** What was durable at the end of the last cycle. */
export interface Kept {
  readonly candidate: Candidate | null;
  readonly running: readonly (string | null)[];
  readonly wish: Wish;
}
