// Types and rehearsals without threads: all is well, or what the test says.
import type { Rehearsal, RehearsalOrder, RehearsalReport } from "../../engine/rehearsal/port.ts";
import type { TypeCheck } from "../../engine/versions/port.ts";
import { aReport } from "./a-receipt.ts";

export const stubTypes = (errorsOf: TypeCheck["check"] = async () => []): TypeCheck => ({
  check: errorsOf,
  close: async () => {},
});

/** Answers at once, over everything that is recorded. */
export const stubRehearsal = (
  reportOf: (order: RehearsalOrder) => Promise<RehearsalReport> = async () => aReport(),
): Rehearsal => ({
  rehearse(order) {
    const first = reportOf(order);
    return { first, rest: first, cancel: () => {} };
  },
  close: async () => {},
});
