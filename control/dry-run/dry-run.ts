// A reload without a bot: the strategy as it is on disk, taken through every stage up to the gate, and what it would have decided
// otherwise. In the calling thread.
import type { DatabaseSync } from "node:sqlite";
import type { Asset } from "../../dsl/asset.ts";
import { messageOf } from "../../engine/base/errors.ts";
import { REHEARSED_WINDOWS, type RehearsalOrder, type RehearsalReport, refusals } from "../../engine/rehearsal/port.ts";
import { promotionText } from "../../engine/reload/promotion.ts";
import type { EngineVariant } from "../../engine/sandbox/engine-module.ts";
import { SandboxOvertime, SandboxPoisoned } from "../../engine/sandbox/instance.ts";
import { Loader } from "../../engine/sandbox/loader.ts";
import { InThreadTypes } from "../../engine/versions/in-thread-types.ts";
import type { SourceError, TypeCheck } from "../../engine/versions/port.ts";
import { DiskFolder, fileName } from "../../engine/versions/source-folder.ts";
import { hasLedger, openLedger } from "../ledger-file.ts";
import { loadAgainst } from "./against.ts";
import { prepareCandidate, type StageResult, Stages } from "./candidate.ts";
import { type Frames, framesFor } from "./frames.ts";
import { type Rehearsed, rehearse } from "./rehearse.ts";
import { settingsInForce } from "./settings-in-force.ts";
import { Trace } from "./trace.ts";

export interface DryRunOrder {
  readonly strategiesDir: string;
  /** Relative to that folder. */
  readonly entry: string;
  readonly config: string;
  /** Of the bot whose versions and history are looked at; need not exist. */
  readonly dir: string;
  readonly data: readonly string[];
  readonly asset: Asset | null;
  /** As typed; null: what runs, if anything does. */
  readonly against: string | null;
  readonly trace: string | null;
  readonly engine: EngineVariant;
}

export interface DryRunOutcome {
  readonly file: string;
  /** `momentum@3f9a2c1e`; null when it could not be bundled. */
  readonly version: string | null;
  readonly against: string | null;
  readonly source: Frames["source"];
  readonly stages: readonly StageResult[];
  readonly gate: { readonly verdict: "pass" | "refuse"; readonly policy: string; readonly reasons: readonly string[] };
  /** Null when a stage before it refused. */
  readonly report: RehearsalReport | null;
}

export interface DryRunListener {
  stage(result: StageResult): void;
  /** How far a long walk has come: market time. */
  walking(fromMs: number, toMs: number, atMs: number): void;
  /** It goes on, and nobody knows how far it has come. */
  alive(): void;
}

/** Rejects with a UserError for what is wrong beside the strategy: configuration, data, names. */
export async function dryRun(
  order: DryRunOrder,
  listener: DryRunListener,
  types: TypeCheck = new InThreadTypes(),
): Promise<DryRunOutcome> {
  const db = hasLedger(order.dir) ? openLedger(order.dir, "Cannot compare with what runs") : null;
  const trace = order.trace === null ? null : new Trace(order.trace);
  try {
    return await pursue(order, listener, types, db, trace);
  } finally {
    trace?.close();
    db?.close();
  }
}

async function pursue(
  { entry, engine, strategiesDir, config, data, asset, dir, against: named }: DryRunOrder,
  listener: DryRunListener,
  types: TypeCheck,
  db: DatabaseSync | null,
  trace: Trace | null,
): Promise<DryRunOutcome> {
  const folder = new DiskFolder(strategiesDir);
  const file = fileName(folder, entry);
  const strategy = entry.replace(/\.ts$/, "");
  const { cold, settings, terms } = await settingsInForce(config, engine, db);
  const { slots, ...frames } = framesFor({ strategy, data, asset, settings, db });
  const loader = await Loader.create(engine);
  const against = await loadAgainst({ dir, db, strategy, named, slots, loader, engine });
  const policy = promotionText(settings.reload.promotions.get(strategy) ?? settings.reload.promotion);

  let version: string | null = null;
  const stages = new Stages((result) => listener.stage(result));
  const ended = (reasons: readonly string[], report: RehearsalReport | null): DryRunOutcome => {
    // What was ungated would trade whatever the rehearsal says; what cannot be rehearsed would not.
    const verdict = reasons.length === 0 || (policy === "ungated" && report !== null) ? "pass" : "refuse";
    if (report !== null)
      stages.done("gated", verdict === "pass" ? [] : reasons.map((message) => unplaced(file, message)));
    const gate = { verdict, policy, reasons } as const;
    const compared = report?.against ?? null;
    return { file, version, against: compared, source: frames.source, stages: stages.results, gate, report };
  };

  const candidate = await prepareCandidate({ folder, entry, slots, engine, loader, types }, stages, (name) => {
    version = name;
  });
  if (candidate === null) return ended(stages.errors.map(errorLine), null);
  const order: RehearsalOrder = {
    strategy,
    candidate: candidate.arms,
    against: against.arms,
    terms,
    windows: REHEARSED_WINDOWS,
    budgetMs: Number.POSITIVE_INFINITY,
  };
  const [impure] = candidate.impure;
  const rehearsed: Rehearsed = {
    order,
    impure: impure === undefined ? null : errorLine(impure),
    notes: against.notes,
    dir,
    engine,
    cycleMs: cold.cycleMs,
    observe: trace === null ? null : (decided) => trace.add(decided),
    walking: listener.walking,
    alive: listener.alive,
  };
  let report: RehearsalReport;
  try {
    report = await rehearse(rehearsed, frames);
  } catch (error) {
    if (!(error instanceof SandboxOvertime || error instanceof SandboxPoisoned)) throw error;
    stages.done("rehearsed", [unplaced(file, `Cannot decide with it: ${messageOf(error)}`)]);
    return ended(stages.errors.map(errorLine), null);
  }
  stages.done("rehearsed", candidate.impure);
  // What is simulated is no history: a bot's gate would not count it.
  const windows = frames.source === "simulated" ? { ...report.windows, seen: 0 } : report.windows;
  return ended(refusals({ ...report, windows }, settings.reload.rehearsalWindowsMin), report);
}

/** Of the candidate as a whole. */
const unplaced = (file: string, message: string): SourceError => ({ file, line: 0, column: 0, message, frame: null });

const errorLine = ({ file, line, column, message }: SourceError): string =>
  `${line > 0 ? `${file}:${line}:${column}` : file} ${message}`;
