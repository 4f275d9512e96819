// What a version would have remembered at a recorded moment: its own memory where it ran itself, what it makes of another's
// where that ran, and what it starts with where nothing was remembered.
import { canonicalJson } from "../base/canonical-json.ts";
import { messageOf } from "../base/errors.ts";
import { type SlotId, shortVersion } from "../base/ids.ts";
import type { Fault } from "../decide/decision.ts";
import type { LoadedVersion } from "../decide/port.ts";
import { versionKey } from "../decide/version.ts";
import { noPlace } from "../sandbox/decision-result.ts";
import type { EngineVariant } from "../sandbox/engine-module.ts";
import { SandboxOvertime } from "../sandbox/instance.ts";
import { Loader } from "../sandbox/loader.ts";
import type { History } from "./history.ts";

/** Made of others' memories; the next one begins anew. */
const MIGRATED_MAX = 10_000;

export type Memory = { readonly memory: string } | { readonly fault: Fault };

export class Memories {
  readonly #variant: EngineVariant;
  readonly #history: History;
  #loader: Loader | null = null;
  readonly #migrated = new Map<string, Memory>();

  constructor(variant: EngineVariant, history: History) {
    this.#variant = variant;
    this.#history = history;
  }

  /** To be awaited before the memories of these are asked for. */
  async ready(versions: readonly LoadedVersion[]): Promise<void> {
    if (!versions.some(({ facts }) => facts.manifest.memory?.migrates)) return;
    if (this.#loader === null || this.#loader.isPoisoned) this.#loader = await Loader.create(this.#variant);
  }

  of(version: LoadedVersion, slot: SlotId, atMs: number): Memory {
    const { ref, manifest } = version.facts;
    const initial = { memory: canonicalJson(manifest.memory?.initial ?? null) };
    const recorded = manifest.memory === null ? null : this.#history.memory(slot, atMs);
    if (recorded === null) return initial;
    if (versionKey(recorded) === versionKey(ref)) return recorded;
    if (!manifest.memory?.migrates) return initial;
    const { strategy, code, memory } = recorded;
    const key = `${versionKey(ref)} ${code} ${memory}`;
    const known = this.#migrated.get(key);
    if (known !== undefined) return known;
    if (this.#migrated.size === MIGRATED_MAX) this.#migrated.clear();
    const made = this.#migrate(version, memory, shortVersion(strategy, code));
    this.#migrated.set(key, made);
    return made;
  }

  #migrate(version: LoadedVersion, memory: string, from: string): Memory {
    if (this.#loader === null || this.#loader.isPoisoned)
      return { fault: noPlace("host", "migrate: it took its sandbox down") };
    try {
      return this.#loader.migrate(version, memory, from);
    } catch (error) {
      if (!(error instanceof SandboxOvertime)) throw error;
      return { fault: noPlace("hung", `migrate: ${messageOf(error)}`) };
    }
  }
}
