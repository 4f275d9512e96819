// Versions that decide in the calling thread, and the figures of what they decided: the inside of both hosts of virtual
// time. Requests come in runs of one version with one memory, so neither is looked up nor encoded again while it stays.
import { assert } from "../base/assert.ts";
import type { DecisionRequest, DecisionResult } from "../decide/decision.ts";
import type { DecisionRole, LoadedVersion, SandboxCounters } from "../decide/port.ts";
import { type VersionKey, type VersionRef, versionKey } from "../decide/version.ts";
import type { Manifest } from "../frame/manifest.ts";
import { type Answer, Decider, isSameAnswer } from "./decide.ts";
import { faultOf, resultOf } from "./decision-result.ts";
import { startEngine } from "./engine.ts";
import { readEngine } from "./engine-file.ts";
import type { EngineVariant } from "./engine-module.ts";
import { imageFor, imageOf, type LocalImage, localImage } from "./image.ts";
import { type Instance, SandboxPoisoned } from "./instance.ts";
import { asDecided, migratedFrom } from "./memory-start.ts";
import { LocalSnapshots } from "./snapshot.ts";
import type { BundleOrigin } from "./source-position.ts";
import { Tally } from "./tally.ts";

type Installed = LocalImage & { readonly origin: BundleOrigin; readonly declared: Manifest["memory"] };

type Decided = Extract<DecisionResult, { readonly type: "Decided" }>;
type IsLast = (result: DecisionResult, request: DecisionRequest) => boolean;

const encoder = new TextEncoder();

export class LocalSandbox {
  readonly #instance: Instance;
  #decider: Decider;
  readonly #installed = new Map<VersionKey, Installed>();
  readonly #snapshots = new LocalSnapshots();
  readonly #tally: Tally;
  #latest: { readonly version: VersionRef; readonly image: Installed } | null = null;
  /** What a kept sandbox answered last. */
  #said: { readonly answer: Answer; readonly memory: string; readonly result: Decided } | null = null;
  #memory = { text: "", bytes: encoder.encode("") };

  static async create(variant: EngineVariant): Promise<LocalSandbox> {
    const { instance } = await startEngine(await readEngine(variant));
    return new LocalSandbox(instance, new Tally(variant));
  }

  private constructor(instance: Instance, tally: Tally) {
    this.#instance = instance;
    this.#decider = new Decider(instance);
    this.#tally = tally;
  }

  /** `isKept`: its sandbox goes on from one decision to the next. */
  install(version: LoadedVersion, isKept: boolean): void {
    const image = imageOf(version);
    const local = localImage(image, this.#snapshots, isKept);
    const { ref, manifest } = version.facts;
    this.#installed.set(versionKey(ref), { ...local, origin: image.origin, declared: manifest.memory });
    this.#latest = null;
  }

  retire(key: VersionKey): void {
    this.#installed.delete(key);
    this.#latest = null;
  }

  /** One result for each request, in order. This and the next throw SandboxOvertime and SandboxPoisoned. */
  decide(cycle: number, requests: readonly DecisionRequest[], role: DecisionRole): readonly DecisionResult[] {
    const { results, heapBytes } = this.#decideUntil(requests, () => false);
    if (role === "live") this.#tally.add(cycle, results, heapBytes);
    return results;
  }

  /** Requests of consecutive cycles, up to and including the first for which `isLast` says so. */
  decideAhead(firstCycle: number, requests: readonly DecisionRequest[], isLast: IsLast): readonly DecisionResult[] {
    const { results, heapBytes } = this.#decideUntil(requests, isLast);
    // Only the last can be a fault, and only of faults the cycle is told.
    this.#tally.add(firstCycle + results.length - 1, results, heapBytes);
    return results;
  }

  counters(): SandboxCounters {
    return this.#tally.counters("in-thread", 0);
  }

  close(): void {
    this.#installed.clear();
    this.#latest = null;
  }

  #decideUntil(requests: readonly DecisionRequest[], isLast: IsLast) {
    const results: DecisionResult[] = [];
    const heapBytes: number[] = [];
    for (const asked of requests) {
      const image = this.#imageFor(asked);
      const request = asDecided(asked, image.declared);
      const answer = this.#answer(image, request);
      const result = this.#resultOf(request, answer, image);
      results.push(result);
      heapBytes.push(answer.heapBytes);
      if (isLast(result, asked)) break;
    }
    return { results, heapBytes };
  }

  #answer(image: Installed, request: DecisionRequest): Answer {
    const { frame, memory } = request;
    if (memory !== this.#memory.text) this.#memory = { text: memory, bytes: encoder.encode(memory) };
    const decider = this.#decider;
    const from = migratedFrom(request);
    const wasKept = from === null && decider.keeps(image);
    let answer =
      from === null
        ? decider.decide(image, frame, this.#memory.bytes)
        : decider.decideMigrated(image, frame, this.#memory.bytes, encoder.encode(from));
    // A fault, or a heap grown large, may come of what was left behind by others: it counts what comes of it alone.
    if (wasKept && !decider.keeps(image) && !decider.isPoisoned) {
      answer = decider.decide(image, frame, this.#memory.bytes);
    }
    if (decider.isPoisoned) {
      if (!decider.hasTrapped) throw new SandboxPoisoned(faultOf(answer, image.origin).message);
      // A trap is as deterministic as a decision, and leaves nothing behind but memory, all of which is restored.
      this.#decider = new Decider(this.#instance);
    }
    return answer;
  }

  /** Most frames call for no action and get the words of the one before: then there is nothing to decode or to check. */
  #resultOf(request: DecisionRequest, answer: Answer, image: Installed): DecisionResult {
    const { slot, version, memory } = request;
    const said = this.#said;
    if (
      said !== null &&
      said.result.version === version &&
      said.memory === memory &&
      isSameAnswer(said.answer, answer)
    ) {
      return { ...said.result, slot, fuel: answer.fuel };
    }
    const result = resultOf(request, answer, image.origin);
    this.#said = image.isKept && result.type === "Decided" ? { answer, memory, result } : null;
    return result;
  }

  #imageFor(request: DecisionRequest): Installed {
    const { version, frame } = request;
    if (this.#latest?.version !== version) this.#latest = { version, image: imageFor(this.#installed, request) };
    const { image } = this.#latest;
    assert(frame.length === image.frameSize, `A frame of ${frame.length} numbers, expected ${image.frameSize}`);
    return image;
  }
}
