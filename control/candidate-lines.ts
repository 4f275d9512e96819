// What is on its way to trade, on a terminal: a line a strategy with what its candidate waits for, what was found so far, and
// what to type where it waits for a person.
import { assertNever } from "../engine/base/assert.ts";
import type { GateProgress } from "../engine/reload/receipt.ts";
import { count, plural, profit } from "./number-format.ts";
import type { CandidateStatus, Status, StrategyStatus } from "./status.ts";
import { flow, type Paint, type Style } from "./text-table.ts";

const INDENT = "  ";
/** More slots than these are counted; the table of slots says which. */
const CANARY_LISTED_MAX = 3;

export function candidateLines(status: Status, width: number, paint: Paint): string[] {
  const entries = status.strategies.flatMap((strategy) => [
    ...(strategy.candidate === null ? [] : [candidateEntry(strategy, strategy.candidate)]),
    ...(strategy.probation === null ? [] : [probationEntry(strategy.probation, status)]),
  ]);
  if (entries.length === 0) return [];
  const lines = entries.flatMap(({ style, parts }) =>
    flow(parts, " ", width - INDENT.length)
      .map((line, n) => (n === 0 ? line : INDENT + line))
      .map((line) => (style === null ? line : paint(style, line))),
  );
  return [paint("gray", "Candidates"), ...lines];
}

interface Entry {
  readonly style: Style | null;
  /** Kept whole where a line breaks. */
  readonly parts: readonly string[];
}

function candidateEntry({ name }: StrategyStatus, candidate: CandidateStatus): Entry {
  const { ordinal, code, gate } = candidate;
  const figures = [...(gate === null ? [] : gateFigures(gate)), ...rehearsed(candidate)];
  const act = actOf(name, candidate);
  return {
    style: gate?.waitsFor === "approve" ? "yellow" : null,
    parts: [
      `${name} v${ordinal} (${code.slice(0, 8)})`,
      ...`${standing(candidate)}${figures.length > 0 ? ":" : ""}`.split(" "),
      ...figures.map((figure, n) => (n === figures.length - 1 ? figure : `${figure},`)),
      ...(act === null ? [] : [`· ${act}`]),
    ],
  };
}

function probationEntry({ version, windows }: NonNullable<StrategyStatus["probation"]>, { slots }: Status): Entry {
  const ordinal = slots.find(({ running }) => running === version)?.ordinal ?? null;
  const [strategy, code] = version.split("@");
  const name = ordinal === null ? version : `${strategy} v${ordinal} (${code})`;
  return { style: null, parts: [name, "on", "probation", `${windows.done} of ${windows.of} windows`] };
}

function canaryOn(slots: readonly string[]): string {
  return slots.length > CANARY_LISTED_MAX ? plural(slots.length, "slot") : slots.join(", ");
}

function standing({ state, gate }: CandidateStatus): string {
  if (state === "armed") return "takes over at the next boundary";
  if (gate === null) return "rehearsing";
  switch (gate.waitsFor) {
    case "approve":
      return "waits for approval";
    case "shadow":
      return "decides as a shadow";
    case "canary":
      return `trades as a canary on ${canaryOn(gate.canary)}`;
    case "rehearsal":
      return "rehearsing the rest";
    case "unpin":
      return "waits for the pin to go";
    case null:
      return "has passed its gate";
    default:
      return assertNever(gate.waitsFor, "what a gate waits for");
  }
}

function gateFigures({ windows, compared, differing, candidateMicros, runningMicros, harm }: GateProgress): string[] {
  const seen = windows === null ? null : `${count(windows.done)} of ${plural(windows.of, "window")}`;
  if (compared === 0) return seen === null ? [] : [seen];
  return [
    seen ?? `${plural(compared, "window")} compared`,
    `${count(differing)} differ`,
    `${profit(candidateMicros)} vs ${profit(runningMicros)} USDC`,
    `harm ${harm.toFixed(1)}`,
  ];
}

/** Until the gate compares what both decide in the market of now, what they would have decided in that of before. */
function rehearsed({ gate, rehearsal }: CandidateStatus): string[] {
  if (rehearsal === null || (gate !== null && gate.compared > 0)) return [];
  const { frames, sampledOf, changedWindows, effectMicros } = rehearsal;
  return [
    `${count(frames)} of ${plural(sampledOf, "decision")}`,
    `changes ${plural(changedWindows, "window")}`,
    ...(effectMicros === null ? [] : [`${profit(effectMicros)} USDC`]),
  ];
}

function actOf(name: string, { gate, ordinal }: CandidateStatus): string | null {
  if (gate?.waitsFor === "approve") return `approve ${name} v${ordinal}`;
  return gate?.waitsFor === "unpin" ? `set strategies.${name}.pin=null` : null;
}
