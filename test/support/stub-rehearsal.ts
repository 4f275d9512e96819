// Types and rehearsals without threads: all is well, or what the test says.
import type { Rehearsal, RehearsalOrder, RehearsalReport } from "../../engine/rehearsal/port.ts";
import type { TypeCheck } from "../../engine/versions/port.ts";
import { aReport } from "./a-receipt.ts";

export const stubTypes = (errorsOf: TypeCheck["check"] = async () => []): TypeCheck => ({
  check: errorsOf,
  close: async () => {},
});

/** A sample, and then all of it. */
export function stubRehearsal(
  reportOf: (order: RehearsalOrder) => Promise<RehearsalReport> = async () => aReport(),
  restOf: (report: RehearsalReport) => Promise<RehearsalReport> = async (report) => report,
): Rehearsal {
  const underWay = new Map<string, () => void>();
  return {
    rehearse(order) {
      underWay.get(order.strategy)?.();
      let isCancelled = false;
      const cancel = () => {
        isCancelled = true;
      };
      underWay.set(order.strategy, cancel);
      const first = reportOf(order);
      const rest = first.then(restOf).then((report) => (isCancelled ? null : report));
      return { first, rest, cancel };
    },
    close: async () => {},
  };
}
