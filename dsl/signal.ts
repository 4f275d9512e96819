// What decide() returns: an opinion with its probability and its reason, never an order. Bad numbers are refused
// here, where the stack still names the author's line; the reader and the host check again.

/** A chosen side. */
export interface EntryTerms<M> {
  /** That the chosen side wins; above 0, below 1. */
  readonly probability: number;
  /** Worst price to pay for one share, USDC, above 0 and below 1; absent = take what is there. */
  readonly limit?: number;
  /** For people: at most 200 characters are kept. */
  readonly reason: string;
  /** Replaces the strategy's memory: finite JSON of at most 1 KB. */
  readonly memory?: M;
}

export type Signal<M = never> =
  | ({ readonly kind: "up" | "down" } & EntryTerms<M>)
  | { readonly kind: "hold" | "exit"; readonly reason: string; readonly memory?: M };

/** A signal that says nothing sensible. */
class SignalError extends Error {
  override readonly name = "SignalError";
}

// M is what decide() must return, never what the argument happens to be: so a wrong memory is an error at its own place.

/** The window closes above its open. */
export function up<M = never>(terms: EntryTerms<NoInfer<M>>): Signal<M> {
  return { kind: "up", ...checked(terms) };
}

/** The window closes below its open. */
export function down<M = never>(terms: EntryTerms<NoInfer<M>>): Signal<M> {
  return { kind: "down", ...checked(terms) };
}

/** Changes nothing: no entry, and an open position stays. */
export function hold<M = never>(reason: string, options?: { readonly memory?: NoInfer<M> }): Signal<M> {
  return { kind: "hold", reason, ...options };
}

/** Sells the open position. */
export function exit<M = never>(reason: string, options?: { readonly memory?: NoInfer<M> }): Signal<M> {
  return { kind: "exit", reason, ...options };
}

function checked<M>(terms: EntryTerms<M>): EntryTerms<M> {
  const { probability, limit } = terms;
  if (!isShare(probability)) {
    throw new SignalError(`Cannot signal: probability is ${probability}, expected above 0 and below 1`);
  }
  if (limit !== undefined && !isShare(limit)) {
    throw new SignalError(`Cannot signal: limit is ${limit}, expected above 0 and below 1`);
  }
  return terms;
}

const isShare = (value: number): boolean => typeof value === "number" && value > 0 && value < 1;
