// The sandbox host of virtual time and tests: it decides in the calling thread, before it returns. Same sandbox, same
// answers and same fuel as the worker; only a hang or a failure of V8 is not survived: it ends the run (SandboxOvertime,
// SandboxPoisoned), since a run that goes on would depend on the machine.
import type { DecisionRequest, DecisionResult } from "../decide/decision.ts";
import type { LoadedVersion, SandboxCounters, SandboxHost } from "../decide/port.ts";
import { type VersionKey, versionKey } from "../decide/version.ts";
import { Decider } from "./decide.ts";
import { faultOf, resultOf } from "./decision-result.ts";
import { startEngine } from "./engine.ts";
import { readEngine } from "./engine-file.ts";
import { DEFAULT_VARIANT, type EngineVariant } from "./engine-module.ts";
import { imageFor, imageOf, type LocalImage, localImage } from "./image.ts";
import { SandboxPoisoned } from "./instance.ts";
import { LocalSnapshots } from "./snapshot.ts";
import type { BundleOrigin } from "./source-position.ts";
import { Tally } from "./tally.ts";

const encoder = new TextEncoder();

export class InThreadHost implements SandboxHost {
  readonly #decider: Decider;
  readonly #isKept: boolean;
  readonly #images = new Map<VersionKey, LocalImage & { readonly origin: BundleOrigin }>();
  readonly #snapshots = new LocalSnapshots();
  readonly #tally = new Tally();

  /** `reset: false` keeps a version's sandbox from one decision to the next: faster, and only for versions proven pure. */
  static async create(
    options: { readonly reset?: boolean; readonly variant?: EngineVariant } = {},
  ): Promise<InThreadHost> {
    const { instance } = await startEngine(await readEngine(options.variant ?? DEFAULT_VARIANT));
    return new InThreadHost(new Decider(instance), options.reset === false);
  }

  private constructor(decider: Decider, isKept: boolean) {
    this.#decider = decider;
    this.#isKept = isKept;
  }

  async install(version: LoadedVersion): Promise<void> {
    const image = imageOf(version);
    this.#images.set(versionKey(version.facts.ref), {
      ...localImage(image, this.#snapshots, this.#isKept),
      origin: image.origin,
    });
  }

  retire(key: VersionKey): void {
    this.#images.delete(key);
  }

  decide(
    cycle: number,
    requests: readonly DecisionRequest[],
    _deadlineMs: number,
    done: (results: readonly DecisionResult[]) => void,
  ): void {
    const results = requests.map((request) => {
      const image = imageFor(this.#images, request);
      const answer = this.#decider.decide(image, request.frame, encoder.encode(request.memory));
      if (this.#decider.isPoisoned) throw new SandboxPoisoned(faultOf(answer, image.origin).message);
      return resultOf(request, answer, image.origin);
    });
    this.#tally.add(cycle, results);
    done(results);
  }

  counters(): SandboxCounters {
    return this.#tally.counters("in-thread", 0);
  }

  async close(): Promise<void> {
    this.#images.clear();
  }
}
