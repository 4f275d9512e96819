// A decision with everything that it was made of, from the journal where it covers it, else from what the ledger keeps of it.
import type { DatabaseSync } from "node:sqlite";
import { UserError } from "../../engine/base/errors.ts";
import type { CodeVersion, ParamsHash, SlotId } from "../../engine/base/ids.ts";
import type { Signal } from "../../engine/decide/decision.ts";
import type { VersionFacts, VersionRef } from "../../engine/decide/version.ts";
import { JournalDamaged } from "../../engine/journal/chain.ts";
import { decisionDigest } from "../../engine/journal/decision-digest.ts";
import { decisionId } from "../../engine/journal/decision-id.ts";
import { JournalReader } from "../../engine/journal/journal-reader.ts";
import type { JournalRow, RecordedDecision } from "../../engine/journal/port.ts";
import { RecipeStore } from "../../engine/versions/recipe-store.ts";
import { type DecisionView, decisionView } from "../replay/decision-view.ts";
import { parseCycle } from "../report/cycle-decisions.ts";

export interface DecisionTrace {
  /** `BTC-5m-momentum@120431` */
  readonly id: string;
  readonly slot: SlotId;
  readonly cycle: number;
  readonly atMs: number;
  readonly strategy: string;
  readonly code: CodeVersion;
  readonly params: ParamsHash;
  readonly kind: Signal["kind"] | "fault";
  readonly reason: string;
  readonly probability: number | null;
  readonly limit: number | null;
  readonly fuel: number;
  /** Every number that it saw, by its name, and what it remembered; null without a journal of it, and so are the next two. */
  readonly view: DecisionView | null;
  /** Over what was asked, bit for bit, and what came back. */
  readonly digest: string | null;
  readonly journal: Pick<JournalRow, "seq" | "hash"> | null;
  /** The control file that was in force; null: the configuration alone. */
  readonly control: { readonly version: number; readonly digest: string; readonly author: string | null } | null;
}

type Asked = { readonly slot: SlotId; readonly cycle: number };

/** Those that are recorded, oldest first; the rest is not kept any more. */
export function traceDecisions(db: DatabaseSync, dir: string, asked: readonly Asked[]): readonly DecisionTrace[] {
  const recipes = new RecipeStore(dir);
  return asked
    .flatMap((each) => fromJournal(db, recipes, each) ?? fromLedger(db, each) ?? [])
    .sort((a, b) => a.cycle - b.cycle);
}

function fromJournal(db: DatabaseSync, recipes: RecipeStore, { slot, cycle }: Asked): DecisionTrace | null {
  const found = recorded(db, slot, cycle);
  if (found === null) return null;
  const { row, decision } = found;
  const { request, result } = decision;
  const { strategy, code, params } = request.version;
  const signal = result.type === "Decided" ? result.signal : null;
  return {
    ...{ id: decisionId(slot, cycle), slot, cycle, atMs: row.atMs, strategy, code, params },
    kind: signal?.kind ?? "fault",
    reason: result.type === "Decided" ? result.signal.reason : `${result.fault.kind}: ${result.fault.message}`,
    probability: signal !== null && "probability" in signal ? signal.probability : null,
    limit: signal !== null && "limit" in signal ? signal.limit : null,
    fuel: result.fuel,
    view: decisionView(cycle, row.atMs, decision, factsOf(recipes, request.version)),
    digest: decisionDigest(decision),
    journal: { seq: row.seq, hash: row.hash },
    control: controlAt(db, cycle),
  };
}

/** A damaged journal has nothing to say here: the audit of all names the damage. */
function recorded(
  db: DatabaseSync,
  slot: SlotId,
  cycle: number,
): { row: JournalRow; decision: RecordedDecision } | null {
  try {
    for (const row of new JournalReader(db).rows({ fromCycle: cycle, toCycle: cycle })) {
      for (const event of row.events) {
        const decisions = event.type === "Decided" && event.cycle === cycle ? event.decisions : [];
        const decision = decisions.find(({ request }) => request.slot === slot);
        if (decision !== undefined) return { row, decision };
      }
    }
  } catch (error) {
    if (!(error instanceof JournalDamaged)) throw error;
  }
  return null;
}

/** Null where what it ran on is not kept, or damaged: then its numbers have no names. */
function factsOf(recipes: RecipeStore, ref: VersionRef): VersionFacts | null {
  try {
    const { manifest, values, layout } = recipes.get(ref).recipe;
    return { ref, manifest, params: values, layout };
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}

function fromLedger(db: DatabaseSync, { slot, cycle }: Asked): DecisionTrace | null {
  const row = db.prepare("SELECT at_ms AS atMs, decisions FROM cycles WHERE cycle = ?").get(cycle);
  const decisions = row === undefined ? null : parseCycle(String(row.decisions));
  const decided = decisions?.slots.find(([name]) => name === slot);
  if (row === undefined || decided === undefined) return null;
  const [, index, kind, reason, fuel, probability, limit] = decided;
  const [strategy, code, params] = decisions!.versions[index]!;
  return {
    ...{ id: decisionId(slot, cycle), slot, cycle, atMs: Number(row.atMs), strategy, reason, fuel },
    code: code as CodeVersion,
    params: params as ParamsHash,
    kind: kind as DecisionTrace["kind"],
    probability: probability ?? null,
    limit: limit ?? null,
    ...{ view: null, digest: null, journal: null },
    control: controlAt(db, cycle),
  };
}

function controlAt(db: DatabaseSync, cycle: number): DecisionTrace["control"] {
  const row = db
    .prepare(
      `SELECT version, digest, CASE WHEN json_valid(content) THEN content ->> '$.author' END AS author
        FROM controls WHERE applied_cycle <= ? ORDER BY version DESC LIMIT 1`,
    )
    .get(cycle);
  if (row === undefined) return null;
  const author = row.author === null ? null : String(row.author);
  return { version: Number(row.version), digest: String(row.digest), author };
}
