// One strategy taken through everything that a save goes through up to loading, the type check, and the question whether it
// is pure. Nothing is kept of it.
import { shortVersion } from "../base/ids.ts";
import type { Manifest } from "../frame/manifest.ts";
import type { EngineVariant } from "../sandbox/engine-module.ts";
import { Loader } from "../sandbox/loader.ts";
import { PurityProbe } from "../sandbox/purity-probe.ts";
import type { Artifact, ReloadStage, SourceError } from "./port.ts";
import { purityOf } from "./purity.ts";
import { Refusal } from "./source-error.ts";
import { type DiskFolder, fileName } from "./source-folder.ts";
import { TypeChecker } from "./type-check.ts";
import { loadArtifact, makeArtifact } from "./workshop.ts";

export interface CheckReport {
  readonly file: string;
  /** `momentum@3f9a2c1e`; null when it could not be bundled. */
  readonly version: string | null;
  /** Whether nothing outlives its decisions but what it declares as memory; null when it could not be loaded. */
  readonly pure: boolean | null;
  /** What makes it impure. No error: it decides as if it were pure, for nothing else does outlive a decision. */
  readonly impure: readonly SourceError[];
  /** For default params; null when it could not be loaded. */
  readonly inputs: Manifest["inputs"] | null;
  readonly errors: readonly (SourceError & { readonly stage: ReloadStage })[];
}

export class StrategyCheck {
  readonly #engine: EngineVariant;
  readonly #types: TypeChecker;
  #loader: Loader;
  #probe: PurityProbe;

  static async create(engine: EngineVariant): Promise<StrategyCheck> {
    const [types, loader, probe] = await Promise.all([
      TypeChecker.create(),
      Loader.create(engine),
      PurityProbe.create(engine),
    ]);
    return new StrategyCheck(engine, types, loader, probe);
  }

  private constructor(engine: EngineVariant, types: TypeChecker, loader: Loader, probe: PurityProbe) {
    this.#engine = engine;
    this.#types = types;
    this.#loader = loader;
    this.#probe = probe;
  }

  async check(folder: DiskFolder, entry: string): Promise<CheckReport> {
    const file = fileName(folder, entry);
    const unchecked = { file, version: null, pure: null, impure: [], inputs: null };
    let artifact: Artifact;
    try {
      artifact = await makeArtifact(folder, entry, this.#engine);
    } catch (error) {
      return { ...unchecked, errors: errorsOf(error) };
    }
    const wrong = this.#types.check(folder.name, entry, artifact.sources);
    const errors = wrong.map((error) => ({ stage: "type-checked" as const, ...error }));
    const bundled = { ...unchecked, version: shortVersion(artifact.strategy, artifact.code) };
    try {
      const version = loadArtifact(this.#loader, artifact, {}, folder);
      const { inputs } = version.facts.manifest;
      const purity = purityOf(artifact, version, folder, this.#probe);
      return { ...bundled, pure: purity.pure, impure: purity.pure ? [] : purity.reasons, inputs, errors };
    } catch (error) {
      if (this.#loader.isPoisoned) this.#loader = await Loader.create(this.#engine);
      if (this.#probe.isPoisoned) this.#probe = await PurityProbe.create(this.#engine);
      return { ...bundled, errors: [...errors, ...errorsOf(error)] };
    }
  }
}

function errorsOf(error: unknown): CheckReport["errors"] {
  if (!(error instanceof Refusal)) throw error;
  return error.errors.map((each) => ({ stage: error.stage, ...each }));
}
