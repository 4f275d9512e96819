// Decisions that cannot be made again, by version and by why.
import { type ParamsHash, shortVersion } from "../base/ids.ts";
import { type VersionRef, versionKey } from "../decide/version.ts";

export interface NotReplayable {
  /** `momentum@3f9a2c1e` */
  readonly version: string;
  readonly params: ParamsHash;
  readonly decisions: number;
  readonly why: string;
}

export class PassedOver {
  readonly #versions = new Map<string, NotReplayable>();
  #decisions = 0;

  add(ref: VersionRef, why: string): void {
    const key = `${versionKey(ref)} ${why}`;
    const decisions = (this.#versions.get(key)?.decisions ?? 0) + 1;
    this.#versions.set(key, { version: shortVersion(ref.strategy, ref.code), params: ref.params, decisions, why });
    this.#decisions += 1;
  }

  get decisions(): number {
    return this.#decisions;
  }

  get versions(): readonly NotReplayable[] {
    return [...this.#versions.values()];
  }
}
