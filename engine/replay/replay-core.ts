// The whole run once more, out of its journal: the core's questions, the rows that it writes, and in the end its ledger.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { JournalReader } from "../journal/journal-reader.ts";
import { openScratchDatabase } from "../store/database.ts";
import { exportLedger } from "../store/ledger-export.ts";
import { SqliteStore } from "../store/sqlite-store.ts";
import { sha256 } from "../versions/code-version.ts";
import { digestOfCore } from "../versions/core-sources.ts";
import { CoreReplay, type CoreReplayStop } from "./core-replay.ts";

export type CoreReplayReport =
  /** `ledgerSha256`: of the bot's ledger as `--export` writes it, and of the one that came out. */
  | { readonly type: "Matched"; readonly rows: number; readonly decisions: number; readonly ledgerSha256: string }
  | CoreReplayStop;

/**
 * `db`: the bot's ledger, read only; the bot may be running. `progress` is told how many rows are done, and may give the thread
 * away. Throws a JournalDamaged.
 */
export async function replayCore(
  db: DatabaseSync,
  progress: (rows: number) => Promise<void> | void = () => {},
): Promise<CoreReplayReport> {
  const reader = new JournalReader(db);
  const folder = mkdtempSync(join(tmpdir(), "underway-replay-"));
  const store = new SqliteStore(openScratchDatabase(), {
    durable: () => {},
    failed: ({ message }) => {
      throw new Error(`The ledger that is written again failed: ${message}`);
    },
  });
  try {
    const why = whyNot(reader);
    if (why !== null) return { type: "NotReplayable", why };
    const core = digestOfCore();
    const replay = new CoreReplay(store, core);
    let seq = 0;
    for (const row of reader.rows()) {
      const stop = replay.take(row);
      if (stop !== null) return stop;
      seq = row.seq;
      await progress(seq);
    }
    // What the bot has written meanwhile comes in the same snapshot as its ledger.
    db.exec("BEGIN");
    for (const row of reader.rows({ fromSeq: seq + 1 })) {
      const stop = replay.take(row);
      if (stop !== null) return stop;
      seq = row.seq;
    }
    const [theirs, ours] = [join(folder, "recorded"), join(folder, "again")];
    exportLedger(db, theirs);
    store.exportTo(ours);
    const [recorded, again] = [readFileSync(theirs), readFileSync(ours)];
    if (!recorded.equals(again)) return ledgersDiffer(seq, replay.cycle, recorded.toString(), again.toString());
    return { type: "Matched", rows: seq, decisions: replay.decisions, ledgerSha256: sha256(again) };
  } finally {
    if (db.isTransaction) db.exec("ROLLBACK");
    store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A life is lived again from its first day or not at all. */
function whyNot(reader: JournalReader): string | null {
  if (reader.head() === null) return "there is no journal";
  const { seq } = reader.anchor();
  if (seq > 0) return `the journal's first ${seq} rows are pruned`;
  const [first] = reader.rows({ toSeq: 1 });
  return first !== undefined && first.cycle > 1
    ? `the journal begins with cycle ${first.cycle} of an older ledger`
    : null;
}

function ledgersDiffer(seq: number, cycle: number, recorded: string, again: string): CoreReplayReport {
  const [theirs, ours] = [recorded.split("\n"), again.split("\n")];
  const at = theirs.findIndex((line, index) => line !== ours[index]);
  const what = `the ledger has ${theirs[at] || "nothing more"}, the journal leads to ${ours[at] || "nothing more"}`;
  return { type: "Diverged", seq, cycle, what };
}
