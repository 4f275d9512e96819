// The strategies of a backtest: bundled once, loaded for as many sets of params as are tried. Nothing is kept of them.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../engine/base/errors.ts";
import type { LoadedVersion } from "../../engine/decide/port.ts";
import type { ParamSpec, Params } from "../../engine/frame/manifest.ts";
import type { EngineVariant } from "../../engine/sandbox/engine-module.ts";
import { Loader } from "../../engine/sandbox/loader.ts";
import { expected, fits, shown } from "../../engine/sandbox/params.ts";
import { PurityProbe } from "../../engine/sandbox/purity-probe.ts";
import type { Artifact, SourceError } from "../../engine/versions/port.ts";
import { purityOf } from "../../engine/versions/purity.ts";
import { Refusal } from "../../engine/versions/source-error.ts";
import { DiskFolder } from "../../engine/versions/source-folder.ts";
import { loadArtifact, makeArtifact } from "../../engine/versions/workshop.ts";
import { placed } from "../commands/check.ts";
import { didYouMeanOneOf } from "../nearest.ts";

export interface CompiledVersion {
  readonly version: LoadedVersion;
  readonly isPure: boolean;
}

export class CompiledStrategies {
  readonly #engine: EngineVariant;
  readonly #folder: DiskFolder;
  readonly #artifacts = new Map<string, Artifact>();
  readonly #declared = new Map<string, { readonly [name: string]: ParamSpec }>();
  #loader: Loader;
  #probe: PurityProbe;

  /** Throws a UserError, "rejected" with what is wrong at its place where one does not load. */
  static async open(
    strategies: readonly string[],
    { strategiesDir, engine }: { readonly strategiesDir: string; readonly engine: EngineVariant },
  ): Promise<CompiledStrategies> {
    const folder = new DiskFolder(strategiesDir);
    const compiled = new CompiledStrategies(
      engine,
      folder,
      await Loader.create(engine),
      await PurityProbe.create(engine),
    );
    for (const strategy of strategies) {
      requireStrategy(strategy, strategiesDir, folder);
      await compiled.#open(strategy);
    }
    return compiled;
  }

  private constructor(engine: EngineVariant, folder: DiskFolder, loader: Loader, probe: PurityProbe) {
    this.#engine = engine;
    this.#folder = folder;
    this.#loader = loader;
    this.#probe = probe;
  }

  get names(): readonly string[] {
    return [...this.#artifacts.keys()];
  }

  /** Of all of them; a name that two declare is of the first. */
  get declared(): { readonly [name: string]: ParamSpec } {
    return Object.assign({}, ...[...this.#declared.values()].reverse());
  }

  declaredBy(strategy: string): { readonly [name: string]: ParamSpec } {
    return this.#declared.get(strategy)!;
  }

  /** Throws a UserError. */
  async load(strategy: string, params: Params): Promise<CompiledVersion> {
    if (this.#loader.isPoisoned) this.#loader = await Loader.create(this.#engine);
    if (this.#probe.isPoisoned) this.#probe = await PurityProbe.create(this.#engine);
    const artifact = this.#artifacts.get(strategy)!;
    return orRejected(strategy, () => {
      const version = loadArtifact(this.#loader, artifact, params, this.#folder);
      return { version, isPure: purityOf(artifact, version, this.#folder, this.#probe).pure };
    });
  }

  async #open(strategy: string): Promise<void> {
    await orRejected(strategy, async () => {
      const artifact = await makeArtifact(this.#folder, `${strategy}.ts`, this.#engine);
      const { manifest } = loadArtifact(this.#loader, artifact, {}, this.#folder).facts;
      this.#artifacts.set(strategy, artifact);
      this.#declared.set(strategy, manifest.params);
    });
  }
}

/** Throws a UserError for a name that none of them declares, or a value that does not fit. */
export function requireParams(params: Params, declared: { readonly [name: string]: ParamSpec }): void {
  const names = Object.keys(declared);
  for (const [name, value] of Object.entries(params)) {
    const spec = Object.hasOwn(declared, name) ? declared[name]! : null;
    if (spec === null) {
      const others = names.length === 0 ? ": it declares none" : didYouMeanOneOf(name, names);
      throw wrongParam(name, `no strategy here declares it${others}`, names);
    }
    if (!fits(spec, value)) throw wrongParam(name, `it is ${shown(value)}, expected ${expected(spec)}`, names);
  }
}

const wrongParam = (name: string, what: string, names: readonly string[]): UserError =>
  new UserError("usage", `Cannot set param "${name}": ${what}`, {
    where: "--params",
    ...(names.length === 0 ? {} : { hint: `declared are ${names.join(", ")}` }),
  });

/** As typed, to what each param is declared to be. Throws a UserError. */
export function paramsOf(
  texts: { readonly [name: string]: string },
  declared: { readonly [name: string]: ParamSpec },
): Params {
  const params = Object.fromEntries(
    Object.entries(texts).map(([name, text]) => {
      const type = Object.hasOwn(declared, name) ? declared[name]!.type : "choice";
      if (type === "boolean") return [name, text === "true" ? true : text === "false" ? false : text];
      const value = text.trim() === "" ? Number.NaN : Number(text);
      return [name, type === "choice" || Number.isNaN(value) ? text : value];
    }),
  );
  requireParams(params, declared);
  return params;
}

/** Throws a UserError, "usage", with the nearest name. */
export function requireStrategy(strategy: string, strategiesDir: string, folder = new DiskFolder(strategiesDir)): void {
  if (existsSync(join(strategiesDir, `${strategy}.ts`))) return;
  const known = existsSync(strategiesDir) ? folder.strategies().map((name) => name.replace(/\.ts$/, "")) : [];
  throw new UserError(
    "usage",
    `Cannot test "${strategy}": there is no such strategy${didYouMeanOneOf(strategy, known)}`,
    {
      where: strategiesDir,
      hint: "name a file of the strategies folder, or the folder with --strategies",
    },
  );
}

async function orRejected<T>(strategy: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const lines = error.errors.flatMap((each: SourceError) => placed(each, `${each.message} (${error.stage})`));
    throw new UserError("rejected", `Cannot load "${strategy}"\n${lines.join("\n")}`);
  }
}
