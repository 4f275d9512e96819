// Which versions the sandbox can decide with at once, and when one may be let go.
import type { LoadedVersion, SandboxHost } from "../../engine/decide/port.ts";
import { type VersionKey, versionKey } from "../../engine/decide/version.ts";

export class InstalledVersions {
  readonly #host: SandboxHost;
  readonly #installed = new Map<VersionKey, LoadedVersion>();
  readonly #installing = new Map<VersionKey, Promise<void>>();
  /** Held by an attempt that is under way: not armed yet, and not to be retired either. */
  readonly #held = new Map<VersionKey, number>();
  readonly #idle = new Set<VersionKey>();

  constructor(host: SandboxHost) {
    this.#host = host;
  }

  get(key: VersionKey): LoadedVersion | null {
    return this.#installed.get(key) ?? null;
  }

  /** Many slots want the same version at once: it is installed once. */
  async install(version: LoadedVersion): Promise<void> {
    const key = versionKey(version.facts.ref);
    this.#idle.delete(key);
    if (this.#installed.has(key)) return;
    const installing =
      this.#installing.get(key) ?? this.#install(key, version).finally(() => this.#installing.delete(key));
    this.#installing.set(key, installing);
    await installing;
  }

  async #install(key: VersionKey, version: LoadedVersion): Promise<void> {
    await this.#host.install(version);
    this.#installed.set(key, version);
  }

  /** Keeps versions from being retired until what is returned is called. */
  hold(versions: readonly LoadedVersion[]): () => void {
    const keys = versions.map(({ facts }) => versionKey(facts.ref));
    for (const key of keys) this.#held.set(key, (this.#held.get(key) ?? 0) + 1);
    return () => {
      for (const key of keys.splice(0)) {
        const holders = (this.#held.get(key) ?? 1) - 1;
        if (holders === 0) this.#held.delete(key);
        else this.#held.set(key, holders);
      }
    };
  }

  /** Lets go of versions that nothing has used for two calls in a row: between them one may be installed and not yet armed. */
  retire(inUse: ReadonlySet<VersionKey>): void {
    const idleBefore = new Set(this.#idle);
    this.#idle.clear();
    for (const key of this.#installed.keys()) {
      if (inUse.has(key) || this.#held.has(key)) continue;
      if (!idleBefore.has(key)) {
        this.#idle.add(key);
        continue;
      }
      this.#installed.delete(key);
      this.#host.retire(key);
    }
  }
}
