// What a replay found, for people: one sentence when all came out again, otherwise what differs and where.
import { assertNever } from "../../engine/base/assert.ts";
import type { Difference } from "../../engine/replay/decision-difference.ts";
import type { NotReplayable } from "../../engine/replay/passed-over.ts";
import type { CoreReplayReport } from "../../engine/replay/replay-core.ts";
import type { Mismatch, ReplayReport } from "../../engine/replay/replayer.ts";
import { count, plural } from "../number-format.ts";
import { type Paint, type Style, wrap } from "../text-table.ts";
import { rateOf } from "./replay-progress.ts";

const MISMATCHES_SHOWN = 10;
const VALUE_CHARS_MAX = 200;
/** Fewer say how long it takes to start, and no more. */
const RATED_MIN = 1_000;

/** Lines. */
export function renderReplay(report: ReplayReport, elapsedMs: number, width: number, paint: Paint): string[] {
  const { mismatched, mismatchedTotal, notReplayableVersions } = report;
  const shown = mismatched.slice(0, MISMATCHES_SHOWN);
  const more = mismatchedTotal - shown.length;
  return [
    paint(mismatchedTotal > 0 ? "red" : "green", headline(report, elapsedMs)),
    ...shown.flatMap((mismatch) => mismatchLines(mismatch, paint)),
    ...(more > 0 ? [paint("gray", `and ${plural(more, "more decision")}`)] : []),
    ...notReplayableLines(notReplayableVersions, width, paint),
  ];
}

/** `12,345 decisions, all matched, bytes and fuel (21,300/s)` */
function headline(report: ReplayReport, elapsedMs: number): string {
  const { decisions, matched, mismatchedTotal, undecided, notReplayable } = report;
  const of = plural(decisions, "decision");
  if (decisions === 0) return "0 decisions are recorded there: nothing to replay.";
  const rate = decisions < RATED_MIN ? "" : ` (${rateOf(decisions, elapsedMs)}/s)`;
  if (matched === decisions) return `${of}, ${decisions === 1 ? "" : "all "}matched, bytes and fuel${rate}`;
  const parts = [
    mismatchedTotal > 0 ? `${count(mismatchedTotal)} DO NOT MATCH` : null,
    matched > 0 ? `${count(matched)} matched, bytes and fuel` : null,
    undecided > 0 ? `${count(undecided)} ended by real time or the machine, nothing to compare` : null,
    notReplayable > 0 ? `${count(notReplayable)} not replayable` : null,
  ];
  return `${of}: ${parts.filter((part) => part !== null).join("; ")}${rate}`;
}

/** What became of the core, told once more what it was told. Lines. */
export function renderCore(core: CoreReplayReport, width: number, paint: Paint): string[] {
  const [style, text] = coreSentence(core);
  return wrap(text, width).map((line) => paint(style, line));
}

function coreSentence(core: CoreReplayReport): [style: Style, text: string] {
  switch (core.type) {
    case "Matched": {
      const told = `Told its ${plural(core.rows, "transaction")} again, the core asked the same questions and wrote the same ledger`;
      return ["green", `${told}, byte for byte (sha256 ${core.ledgerSha256.slice(0, 8)})`];
    }
    case "Diverged":
      return ["red", `THE CORE DIVERGES in row ${core.seq} (cycle ${core.cycle}): ${core.what}`];
    case "NotReplayable":
      return ["yellow", `The core was not told its life again: ${core.why}`];
    default:
      return assertNever(core);
  }
}

function mismatchLines({ decision, version, where, fields, ...first }: Mismatch, paint: Paint): string[] {
  const others = fields.slice(1);
  const also = others.length === 0 ? "" : `, and ${others.join(", ")}`;
  return [
    "",
    `${paint("bold", decision)}  ${version}  ${paint("red", first.field)} differs${also}`,
    `  recorded  ${shown(first, "recorded")}`,
    `  replayed  ${shown(first, "replayed")}${where === null ? "" : `  at ${where}`}`,
  ];
}

/** Text as it is in code, so that a space at its end is seen. */
const shown = (difference: Difference, which: "recorded" | "replayed"): string =>
  JSON.stringify(difference[which]).slice(0, VALUE_CHARS_MAX);

export function notReplayableLines(all: readonly NotReplayable[], width: number, paint: Paint): string[] {
  return all.flatMap(({ version, params, decisions, why }) =>
    wrap(`${version} with params ${params.slice(0, 8)}, ${plural(decisions, "decision")}: ${why}`, width).map((line) =>
      paint("yellow", line),
    ),
  );
}
