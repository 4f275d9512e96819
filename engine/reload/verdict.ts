// What a trial has shown so far. Evidence of harm is weighed only once the policy's windows are there; what cannot be weighed,
// such as a fault that the other version did not have, counts at once.
import type { SlotId } from "../base/ids.ts";
import type { Candidacy } from "./candidacy.ts";
import { HARM_DOUBTS, HARM_REFUSES } from "./paired-test.ts";
import type { Trial } from "./trial.ts";

/** Decisions that it failed to make and the other version made: more than a passing trouble. */
export const TRIAL_FAULTS_MAX = 3;
/** A trial in doubt goes on, up to this many times its windows. */
const DOUBT_MAX = 4;

export type Verdict =
  | { readonly type: "Wait" }
  | { readonly type: "Pass" }
  | { readonly type: "Fail"; readonly reason: string };

const WAIT: Verdict = { type: "Wait" };

/** At once, whatever the windows: null when nothing is wrong. */
export function trouble({ faults, fuel, losses }: Candidacy): string | null {
  if (losses !== null) return losses;
  if (faults.length >= TRIAL_FAULTS_MAX) return `${faults.length} faulted decisions, last ${faults.at(-1)}`;
  return fuel.grown === null ? null : `its fuel grows: ${fuel.grown}`;
}

export function judge(trial: Trial, windows: number, isAsked: (slot: SlotId) => boolean): Verdict {
  const done = trial.least(isAsked);
  if (done < windows) return WAIT;
  const { harm } = trial;
  if (harm < HARM_DOUBTS) return { type: "Pass" };
  if (harm < HARM_REFUSES && done < windows * DOUBT_MAX) return WAIT;
  const { compared, candidateMicros, runningMicros } = trial.state;
  const difference = ((candidateMicros - runningMicros) / 1e6).toFixed(2);
  const evidence = harm >= HARM_REFUSES ? `evidence ${Math.round(harm)} to 1` : "still in doubt";
  return {
    type: "Fail",
    reason: `it earned ${difference} USDC against what runs in ${compared} windows (${evidence})`,
  };
}
