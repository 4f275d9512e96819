// A strategy's file as it is on disk, loaded for decisions that others made: on the engine they were made on, with the params
// they were made with. Nothing is kept of it.
import { canonicalJson } from "../base/canonical-json.ts";
import { shortVersion } from "../base/ids.ts";
import type { LoadedVersion } from "../decide/port.ts";
import type { VersionFacts } from "../decide/version.ts";
import type { Params } from "../frame/manifest.ts";
import type { EngineVariant } from "../sandbox/engine-module.ts";
import { Loader } from "../sandbox/loader.ts";
import { LocalSandbox } from "../sandbox/local-sandbox.ts";
import type { Artifact } from "../versions/port.ts";
import { DiskFolder } from "../versions/source-folder.ts";
import { loadArtifact, makeArtifact } from "../versions/workshop.ts";

interface Ready {
  readonly artifact: Artifact;
  readonly declared: LoadedVersion;
  readonly loader: Loader;
  readonly sandbox: LocalSandbox;
}

export class CandidateCode {
  readonly strategy: string;
  readonly #folder: DiskFolder;
  readonly #entry: string;
  readonly #ready = new Map<EngineVariant, Ready>();
  readonly #loaded = new Map<string, LoadedVersion>();

  /** `entry` is relative to the folder. */
  constructor(folder: string, entry: string) {
    this.#folder = new DiskFolder(folder);
    this.#entry = entry;
    this.strategy = entry.replace(/\.ts$/, "");
  }

  /** `momentum@3f9a2c1e`, as it is on each engine that was asked for. */
  get names(): readonly string[] {
    return [...this.#ready.values()].map(({ artifact }) => shortVersion(artifact.strategy, artifact.code));
  }

  /** Throws a Refusal. */
  async on(engine: EngineVariant): Promise<Ready> {
    const known = this.#ready.get(engine);
    if (known !== undefined) return known;
    const artifact = await makeArtifact(this.#folder, this.#entry, engine);
    const loader = await Loader.create(engine);
    const declared = loadArtifact(loader, artifact, {}, this.#folder);
    const ready = { artifact, declared, loader, sandbox: await LocalSandbox.create(engine) };
    this.#ready.set(engine, ready);
    return ready;
  }

  /** For decisions of a recorded version: what an operator had set stays set. Throws a Refusal. */
  async loadFor(recorded: VersionFacts, engine: EngineVariant) {
    const { artifact, declared, loader, sandbox } = await this.on(engine);
    const params = overridesOf(recorded, declared.facts.manifest.params);
    const key = `${engine} ${canonicalJson(params)}`;
    let version = this.#loaded.get(key);
    if (version === undefined) {
      version = loadArtifact(loader, artifact, params, this.#folder);
      sandbox.install(version, false);
      this.#loaded.set(key, version);
    }
    return { version, sandbox };
  }
}

/** What was not left at its default, as far as it is still declared: new defaults are part of what is tried. */
function overridesOf({ params, manifest }: VersionFacts, declared: VersionFacts["manifest"]["params"]): Params {
  return Object.fromEntries(
    Object.entries(params).filter(
      ([name, value]) => Object.hasOwn(declared, name) && value !== manifest.params[name]?.default,
    ),
  );
}
