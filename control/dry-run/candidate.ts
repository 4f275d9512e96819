// A strategy as it is on disk, taken through the stages of a reload up to loading, stage by stage and each with its time. Nothing
// is kept of it.
import { canonicalJson } from "../../engine/base/canonical-json.ts";
import { UserError } from "../../engine/base/errors.ts";
import { shortVersion } from "../../engine/base/ids.ts";
import type { LoadedVersion } from "../../engine/decide/port.ts";
import type { Params } from "../../engine/frame/manifest.ts";
import type { Arm } from "../../engine/rehearsal/port.ts";
import type { Stage } from "../../engine/reload/receipt.ts";
import type { SlotSettings } from "../../engine/risk/settings.ts";
import type { EngineVariant } from "../../engine/sandbox/engine-module.ts";
import type { Loader } from "../../engine/sandbox/loader.ts";
import { PurityProbe } from "../../engine/sandbox/purity-probe.ts";
import type { Artifact, SourceError, TypeCheck } from "../../engine/versions/port.ts";
import { purityOf } from "../../engine/versions/purity.ts";
import { Refusal } from "../../engine/versions/source-error.ts";
import type { DiskFolder, SourceFolder } from "../../engine/versions/source-folder.ts";
import { loadArtifact, makeArtifact } from "../../engine/versions/workshop.ts";

export interface StageResult {
  readonly stage: Stage;
  readonly ok: boolean;
  readonly ms: number;
  readonly errors?: readonly SourceError[];
}

export interface Candidate {
  /** `momentum@3f9a2c1e` */
  readonly name: string;
  readonly arms: readonly Arm[];
  /** What makes it impure, as analysis and probe found. */
  readonly impure: readonly SourceError[];
}

/** Tells each stage as it is passed or failed. */
export class Stages {
  readonly results: StageResult[] = [];
  readonly #tell: (result: StageResult) => void;
  #sinceMs = 0;

  constructor(tell: (result: StageResult) => void) {
    this.#tell = tell;
  }

  /** Time before this belongs to no stage. */
  begin(): void {
    this.#sinceMs = performance.now();
  }

  get errors(): readonly SourceError[] {
    return this.results.flatMap(({ errors = [] }) => errors);
  }

  done(stage: Stage, errors: readonly SourceError[] = []): void {
    const nowMs = performance.now();
    const ms = Math.round((nowMs - this.#sinceMs) * 10) / 10;
    this.#sinceMs = nowMs;
    const result = { stage, ok: errors.length === 0, ms, ...(errors.length === 0 ? {} : { errors }) };
    this.results.push(result);
    this.#tell(result);
  }
}

export interface CandidateOrder {
  readonly folder: DiskFolder;
  readonly entry: string;
  readonly slots: readonly SlotSettings[];
  readonly engine: EngineVariant;
  readonly loader: Loader;
  readonly types: TypeCheck;
}

/** Null when a stage refuses it: `stages` says which, and why. */
export async function prepareCandidate(
  { folder, entry, slots, engine, loader, types }: CandidateOrder,
  stages: Stages,
  named: (name: string) => void,
): Promise<Candidate | null> {
  stages.begin();
  try {
    const artifact = await makeArtifact(folder, entry, engine);
    const name = shortVersion(artifact.strategy, artifact.code);
    named(name);
    stages.done("bundled");
    stages.done("admitted"); // In the same pass: its time is the bundler's.
    const wrong = await types.check(folder.name, entry, artifact.sources);
    stages.done("type-checked", wrong);
    if (wrong.length > 0) return null;
    const arms = loadArms(loader, artifact, folder, slots, (slot) => slot.params);
    const purity = purityOf(artifact, arms[0]!.version, folder, await PurityProbe.create(engine));
    stages.done("loaded");
    return { name, arms, impure: purity.pure ? [] : purity.reasons };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (error.stage === "admitted") stages.done("bundled");
    stages.done(error.stage, error.errors);
    return null;
  }
}

/** One loaded version for each set of params that the slots have. Throws a Refusal. */
export function loadArms(
  loader: Loader,
  artifact: Artifact,
  folder: SourceFolder,
  slots: readonly SlotSettings[],
  paramsOf: (slot: SlotSettings) => Params,
): Arm[] {
  const arms = new Map<string, { readonly version: LoadedVersion; readonly slots: SlotSettings[] }>();
  for (const slot of slots) {
    const params = paramsOf(slot);
    const key = canonicalJson(params);
    const arm = arms.get(key) ?? { version: loadArtifact(loader, artifact, params, folder), slots: [] };
    arm.slots.push(slot);
    arms.set(key, arm);
  }
  if (arms.size === 0) throw new UserError("config", "Cannot rehearse: there is no slot to decide for");
  return [...arms.values()];
}
