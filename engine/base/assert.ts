// Assertions are for bugs: what our own code guarantees. An operation that may fail is handled, not asserted.

export class AssertionFailed extends Error {
  override readonly name = "AssertionFailed";
}

export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionFailed(message);
}

/** Ends every switch over a union: a new member is a compile error here. */
export function assertNever(value: never, what = "value"): never {
  throw new AssertionFailed(`Unhandled ${what}: ${JSON.stringify(value)}`);
}
