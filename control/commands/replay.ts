// `replay`: decides again what was decided, from the journal and the version store alone, and compares; or with another file, and
// shows what differs.
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { UserError } from "../../engine/base/errors.ts";
import { JournalDamaged } from "../../engine/journal/chain.ts";
import { decisionId } from "../../engine/journal/decision-id.ts";
import { JournalReader } from "../../engine/journal/journal-reader.ts";
import { type CoreReplayReport, replayCore } from "../../engine/replay/replay-core.ts";
import { DATABASE_FILE } from "../../engine/store/database.ts";
import type { SourceError } from "../../engine/versions/port.ts";
import { Refusal } from "../../engine/versions/source-error.ts";
import { openLedger } from "../ledger-file.ts";
import { renderDecision } from "../replay/decision-view.ts";
import { type RecordedCycle, rangeOf, recordedCycles } from "../replay/recorded-cycles.ts";
import { renderCore, renderReplay } from "../replay/render-replay.ts";
import { renderWhatIf } from "../replay/render-what-if.ts";
import { ReplayProgress, type Tell } from "../replay/replay-progress.ts";
import { replayCycles, type WhatIfOrder, whatIfCycles } from "../replay/replay-run.ts";
import { type Selection, type SelectionFlags, selectionOf } from "../replay/selection.ts";
import { columns, endWithReader, hasColor } from "../terminal.ts";
import { painter } from "../text-table.ts";
import { placed, strategyFile } from "./check.ts";

export interface ReplayFlags extends SelectionFlags {
  readonly dir: string;
  readonly json?: boolean;
}

const STRATEGIES = "strategies";

interface Source {
  readonly dir: string;
  readonly selection: Selection;
  readonly cycles: Iterable<RecordedCycle>;
  readonly tell: Tell;
}

/** 1 when something does not match, the core's ledger included, or when what was asked for by name cannot be replayed. */
export async function showReplay(flags: ReplayFlags): Promise<number> {
  endWithReader();
  const dir = resolve(flags.dir);
  const db = openLedger(dir, "Cannot replay");
  const progress = new ReplayProgress(process.stderr);
  try {
    const selection = selectionOf(flags, db);
    const journal = new JournalReader(db);
    const { cycle = 0, seq = 0 } = journal.head() ?? {};
    const cycles = recordedCycles(journal.rows(rangeOf(selection)), selection);
    const source: Source = { dir, selection, cycles, tell: progress.begin("decisions", cycle) };
    if (flags.whatIf !== undefined) return await showWhatIf(source, whatIfOrder(flags.whatIf, db), flags);
    return await showReplayed(source, flags, () => {
      const tell = progress.begin("transactions", seq);
      return replayCore(db, (rows) => tell(rows, rows));
    });
  } catch (error) {
    if (!(error instanceof JournalDamaged)) throw error;
    throw new UserError("data", `Cannot replay: the journal is damaged, ${error.message}`, {
      where: join(dir, DATABASE_FILE),
      hint: "underway audit says what else is",
      cause: error,
    });
  } finally {
    progress.close();
    db.close();
  }
}

async function showReplayed(
  { dir, selection, cycles, tell }: Source,
  { json }: ReplayFlags,
  replayCore: () => Promise<CoreReplayReport>,
): Promise<number> {
  const isNamed = selection.type === "Decisions";
  const { report, views, elapsedMs } = await replayCycles(dir, cycles, isNamed, tell);
  if (report.decisions === 0) nothingThere(selection);
  const core = selection.type === "All" ? await replayCore() : null;
  const [width, paint] = [columns(), painter(hasColor())];
  const text = json
    ? JSON.stringify({ ...report, ...(isNamed ? { shown: views } : {}), ...(core === null ? {} : { core }) })
    : [
        ...views.flatMap((view) => [...renderDecision(view, width, paint), ""]),
        ...renderReplay(report, elapsedMs, width, paint),
        ...(core === null ? [] : renderCore(core, width, paint)),
      ].join("\n");
  process.stdout.write(`${text}\n`);
  const isAsked = isNamed || selection.type === "Cycle";
  const isSame = report.mismatchedTotal === 0 && core?.type !== "Diverged";
  return isSame && !(isAsked && report.notReplayable > 0) ? 0 : 1;
}

/** 1 when the file is refused. */
async function showWhatIf({ dir, selection, cycles, tell }: Source, order: WhatIfOrder, { json }: ReplayFlags) {
  const paint = painter(hasColor());
  try {
    const report = await whatIfCycles(dir, cycles, order, tell);
    if (report.decisions + report.notReplayable + report.undecided === 0) nothingThere(selection);
    process.stdout.write(
      json ? `${JSON.stringify(report)}\n` : `${renderWhatIf(report, columns(), paint).join("\n")}\n`,
    );
    return 0;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { stage, errors } = error;
    const said = ({ message }: SourceError) => `${paint("red", message)} ${paint("gray", `(${stage})`)}`;
    const lines = [
      paint("red", `✗ ${order.entry} cannot decide`),
      ...errors.flatMap((each) => placed(each, said(each))),
    ];
    process.stdout.write(json ? `${JSON.stringify({ refused: { stage, errors } })}\n` : `${lines.join("\n")}\n`);
    return 1;
  }
}

/** What was named must be there; a time without decisions is an answer. */
function nothingThere(selection: Selection): void {
  if (selection.type === "All" || selection.type === "Since") return;
  const what =
    selection.type === "Cycle"
      ? `cycle ${selection.cycle}`
      : `"${selection.said}" (${selection.decisions.map(({ slot, cycle }) => decisionId(slot, cycle)).join(", ")})`;
  throw new UserError("usage", `Cannot replay ${what}: the journal has no decision of it`, {
    hint: "underway replay --all says how many there are; older ones may have been pruned",
  });
}

/** The decisions of the strategy of that name; of the only one where there is none of that name. */
function whatIfOrder(typed: string, db: DatabaseSync): WhatIfOrder {
  const { root, entry } = strategyFile(typed, STRATEGIES);
  if (!existsSync(join(root, entry))) {
    throw new UserError("usage", `Cannot decide with "${typed}": there is no such file`, { where: root });
  }
  const strategy = entry.replace(/\.ts$/, "");
  const recorded = db.prepare("SELECT DISTINCT strategy FROM versions ORDER BY strategy").all();
  const names = recorded.map((row) => String(row.strategy));
  if (names.includes(strategy)) return { root, entry, strategy };
  const [only, ...others] = names;
  if (only === undefined) throw new UserError("usage", "Cannot decide again: no version ever decided here");
  if (others.length === 0) return { root, entry, strategy: only };
  throw new UserError(
    "usage",
    `Cannot tell whose decisions ${entry} is to decide: none of "${strategy}" are recorded`,
    {
      hint: `name the file after one of ${names.join(", ")}`,
    },
  );
}
