// `approve`, `reject`, `promote`, `rollback`: what an operator says to one strategy's code. An approval names the very code and
// params that wait, in full: they are taken from the status, and a version that is named must be the one that waits there.
import { UserError } from "../../engine/base/errors.ts";
import { didYouMeanOneOf } from "../nearest.ts";
import type { CandidateStatus, Status, StrategyStatus } from "../status.ts";
import { parseVersionName, VERSION_SYNTAX } from "../version-name.ts";
import { type Change, command } from "./steer.ts";

/** Throws UserError "usage" for a name that nothing has, "rejected" when this is not what waits. */
export function judgeCandidate(kind: "approve" | "reject", strategy: string, version: string | undefined) {
  return (status: Status): Change => {
    const { candidate } = strategyOf(kind, strategy, status);
    const nothing = `Cannot ${kind}: nothing of ${strategy} waits for approval`;
    if (candidate === null) throw new UserError("rejected", nothing, { hint: "nothing was written" });
    if (version !== undefined && !isNamed(candidate, strategy, version)) {
      throw new UserError(
        "rejected",
        `Cannot ${kind} ${version}: the candidate of ${strategy} is ${candidate.version} (v${candidate.ordinal}) now`,
        { hint: "nothing was written; look at status again" },
      );
    }
    return command({ kind, strategy, code: candidate.code, params: candidate.params });
  };
}

export const moveVersion = (kind: "promote" | "rollback", strategy: string) => (status: Status) =>
  command({ kind, strategy: strategyOf(kind, strategy, status).name });

function strategyOf(verb: string, name: string, { strategies }: Status): StrategyStatus {
  const found = strategies.find((strategy) => strategy.name === name);
  if (found !== undefined) return found;
  const names = strategies.map((strategy) => strategy.name);
  throw new UserError(
    "usage",
    `Cannot ${verb}: ${JSON.stringify(name)} is not a strategy${didYouMeanOneOf(name, names)}`,
  );
}

function isNamed({ code, ordinal }: CandidateStatus, strategy: string, text: string): boolean {
  const name = parseVersionName(text);
  if (name === null) throw new UserError("usage", `Cannot read "${text}" as a version: expected ${VERSION_SYNTAX}`);
  if (name.strategy !== null && name.strategy !== strategy) return false;
  return name.ordinal === null ? code.startsWith(name.prefix) : name.ordinal === ordinal;
}
