// The decision diff of a what-if, for people: how many of which kind became which, and the first change of each window.
import type { WhatIfReport } from "../../engine/replay/what-if.ts";
import { count, plural } from "../number-format.ts";
import { changedTable } from "../rehearsal-report.ts";
import { type Paint, wrap } from "../text-table.ts";
import { notReplayableLines } from "./render-replay.ts";

/** Lines. */
export function renderWhatIf(report: WhatIfReport, width: number, paint: Paint): string[] {
  const { version, decisions, counts, changed, changedTotal, changedWindows, reworded, faults, firstFault } = report;
  const { undecided, notReplayableVersions, notes } = report;
  const changes = Object.entries(counts).filter(([change]) => !isTheSame(change));
  const kept = decisions - changes.reduce((sum, [, n]) => sum + n, 0);
  const faulted = faults === 0 ? "" : ` It faults in ${plural(faults, "decision")}.`;
  const words = reworded === 0 ? "" : ` ${plural(reworded, "decision")} would be worded otherwise.`;
  const head =
    changedTotal === 0
      ? `${version} decides all ${plural(decisions, "recorded decision")} as they were decided.`
      : `${version} decides ${count(changedTotal)} of ${plural(decisions, "recorded decision")} otherwise, in ${plural(changedWindows, "window")}.`;
  const numberChars = Math.max(0, ...changes.map(([, n]) => count(n).length), count(kept).length);
  const blocks = [
    wrap(`${head}${words}${faulted}`, width).map((line) => paint("bold", line)),
    [...changes, ["of the same kind", kept] as const].map(
      ([change, n]) => `  ${count(n).padStart(numberChars)}  ${change}`,
    ),
    changedTable(changed, changedWindows, width, paint),
    firstFault === null
      ? []
      : [
          `${firstFault.where ?? ""}  ${paint("red", `${firstFault.kind}: ${firstFault.message}`)}`.trimStart(),
          ...(firstFault.frame?.split("\n").map((line) => `      ${line}`) ?? []),
        ],
    [
      ...notes.flatMap((note) => wrap(note, width)),
      ...(undecided === 0 ? [] : [`${plural(undecided, "decision")} ended by real time or the machine: left out.`]),
      "Frames, positions and memory are as recorded: what other decisions would have led to is not in them.",
    ].map((line) => paint("gray", line)),
    notReplayableLines(notReplayableVersions, width, paint),
  ];
  return blocks.filter((block) => block.length > 0).flatMap((block, n) => (n === 0 ? block : ["", ...block]));
}

function isTheSame(change: string): boolean {
  const [before, after] = change.split(" → ");
  return before === after;
}
