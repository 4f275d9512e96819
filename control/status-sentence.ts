// The bot's state as one sentence a person takes in at a glance: what it trades, what it holds, what is wrong, worst first.
import type { Mode } from "../engine/risk/settings.ts";
import { count, plural, usdc } from "./number-format.ts";
import { CANDIDATE_ACCEPTED, type Status } from "./status.ts";

const ABNORMAL_MAX = 3;

export function statusSentence(status: Status): string {
  const held = status.slots.filter(({ position }) => position !== null);
  const atRisk = held.reduce((sum, { position }) => sum + position!.costMicros, 0);
  const positions =
    held.length === 0
      ? "No position open."
      : `${plural(held.length, "position")} open with ${usdc(atRisk)} USDC at risk.`;
  return `${trading(status)} ${positions} ${needs(abnormal(status))}`;
}

function trading({ mode, slots }: Status): string {
  if (mode !== "active") return MODE_SENTENCE[mode];
  const may = slots.filter(({ state }) => state === "live" || state === "holding").length;
  return `Trading on ${may} of ${plural(slots.length, "slot")}.`;
}

const MODE_SENTENCE: Readonly<Record<Exclude<Mode, "active">, string>> = {
  "entries-stopped": "Entries stopped: positions are managed, no new ones are opened.",
  "reduce-only": "Reduce only: positions may only shrink.",
  flatten: "Flattening: every position is being sold.",
  halted: "Halted: nothing is decided, only cancels and claims go on.",
};

/** Each abnormal thing once, worst first. */
function abnormal({ alarms, slots, strategies, conditions, result }: Status): string[] {
  const open = alarms.open.filter(({ acknowledgedAt }) => acknowledgedAt == null); // The others somebody has seen.
  const critical = open.filter(({ severity }) => severity === "critical");
  const inState = (state: string) => slots.filter((slot) => slot.state === state).length;
  return [
    ...critical.map(({ kind, scope }) => (kind === "rolled-back" ? `${scope} was rolled back` : `${kind} on ${scope}`)),
    ...some(inState("quarantined"), "slot is quarantined", "slots are quarantined"),
    ...some(inState("no-code"), "slot has no code", "slots have no code"),
    ...some(inState("stale"), "slot is stale", "slots are stale"),
    ...some(open.length - critical.length, "warning is open", "warnings are open"),
    ...some(
      conditions.filter(({ type, status }) => type.startsWith(CANDIDATE_ACCEPTED) && status === "False").length,
      "edit is refused",
      "edits are refused",
    ),
    ...(result === "Nack" ? ["the control file is refused"] : []),
    ...some(
      strategies.filter(({ candidate }) => candidate?.gate?.waitsFor === "approve").length,
      "version waits for approval",
      "versions wait for approval",
    ),
    ...some(
      conditions.filter(({ status }) => status === "Unknown").length,
      "condition is unknown",
      "conditions are unknown",
    ),
  ];
}

function needs(things: readonly string[]): string {
  if (things.length === 0) return "Nothing needs you.";
  const rest = things.length - ABNORMAL_MAX;
  const text = [...things.slice(0, ABNORMAL_MAX), ...(rest > 0 ? [`and ${rest} more`] : [])].join(", ");
  return `${text[0]!.toUpperCase()}${text.slice(1)}.`;
}

const some = (n: number, one: string, many: string): string[] =>
  n === 0 ? [] : [`${count(n)} ${n === 1 ? one : many}`];

/** Why the last control file is not in force; null when it is. */
export function refusal({ result, error, observedVersion, applied }: Status): string | null {
  if (result !== "Nack" || error === null) return null;
  const file = observedVersion === null ? "control.json" : `control.json ${observedVersion}`;
  const inForce = applied === null ? "The configuration" : `Version ${applied.version}`;
  return `Refused: ${file}, ${error.path} ${error.message}. ${inForce} stays in force.`;
}
