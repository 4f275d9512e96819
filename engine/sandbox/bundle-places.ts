// Where a bundle can be made faster and clearer without changing what it does: found once when it is bundled, used
// whenever a version is loaded and the layout of its frame is known. Offsets are UTF-16 units of the bundle's text.

/** An expression that reads the frame through the reader's objects: `rsi.value`, `rsi.at(2)`, `window.up.ask`. */
export interface FrameRead {
  readonly start: number;
  readonly end: number;
  readonly from: "readings" | "window";
  /** From the reader's object on, a literal argument of `at` last: ["rsi", "value"], ["macd", "signal", "at", 2], ["up", "ask"]. */
  readonly path: readonly (string | number)[];
}

/** The expression of a `throw` statement in the author's own files. */
export interface ThrownValue {
  readonly start: number;
  readonly end: number;
}

export interface BundlePlaces {
  readonly reads: readonly FrameRead[];
  readonly thrown: readonly ThrownValue[];
}
