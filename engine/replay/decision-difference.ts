// Two results of one decision, compared to the bit: the only place that sees what was recorded beside what came out again.
import type { Json } from "../base/canonical-json.ts";
import type { DecisionResult, Fault, Signal } from "../decide/decision.ts";

export interface Difference {
  /** `probability`, `fault.where`, `fuel`; "result" when one is a decision and the other a fault. */
  readonly field: string;
  readonly recorded: Json;
  readonly replayed: Json;
}

/** Empty when they are the same. What a fault quotes of the sources is not compared: it follows from where it was. */
export function differencesOf(recorded: DecisionResult, replayed: DecisionResult): Difference[] {
  const found: Difference[] = [];
  const compare = (field: string, one: Json, other: Json): void => {
    if (!Object.is(one, other)) found.push({ field, recorded: one, replayed: other });
  };
  if (recorded.type === "Decided" && replayed.type === "Decided") {
    const [one, other] = [recorded.signal, replayed.signal];
    compare("kind", one.kind, other.kind);
    compare("probability", probabilityOf(one), probabilityOf(other));
    compare("limit", limitOf(one), limitOf(other));
    compare("reason", one.reason, other.reason);
    compare("memory", recorded.memory, replayed.memory);
  } else if (recorded.type === "Faulted" && replayed.type === "Faulted") {
    const [one, other] = [recorded.fault, replayed.fault];
    compare("fault.kind", one.kind, other.kind);
    compare("fault.message", one.message, other.message);
    compare("fault.where", placeOf(one), placeOf(other));
  } else {
    return [{ field: "result", recorded: inWords(recorded), replayed: inWords(replayed) }];
  }
  compare("fuel", recorded.fuel, replayed.fuel);
  return found;
}

/** `up`, `threw: Error: at 3` */
const inWords = (result: DecisionResult): string =>
  result.type === "Decided" ? result.signal.kind : `${result.fault.kind}: ${result.fault.message}`;

const probabilityOf = (signal: Signal): number | null => ("probability" in signal ? signal.probability : null);
const limitOf = (signal: Signal): number | null => ("limit" in signal ? signal.limit : null);

/** The folder's name is how people call it, and no part of a version: the same file may have lain in another one. */
const placeOf = ({ where }: Fault): string | null => where?.slice(where.indexOf("/") + 1) ?? null;
