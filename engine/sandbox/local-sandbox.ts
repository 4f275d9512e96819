// Versions that decide in the calling thread, and the figures of what they decided: the inside of both hosts of virtual
// time. Requests come in runs of one version with one memory, so neither is looked up nor encoded again while it stays.
import { assert } from "../base/assert.ts";
import type { SlotId } from "../base/ids.ts";
import type { DecisionRequest, DecisionResult } from "../decide/decision.ts";
import type { DecisionRole, LoadedVersion, SandboxCounters } from "../decide/port.ts";
import { type VersionKey, type VersionRef, versionKey } from "../decide/version.ts";
import type { Manifest } from "../frame/manifest.ts";
import { type Answer, Decider, isSameAnswer } from "./decide.ts";
import { faultOf, resultOf } from "./decision-result.ts";
import { DecisionRun } from "./decision-run.ts";
import { type SandboxEngine, startEngine } from "./engine.ts";
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
  /** Who decided last. */
  #decided: Decider;
  readonly #installed = new Map<VersionKey, Installed>();
  readonly #snapshots = new LocalSnapshots();
  readonly #tally: Tally;
  #latest: { readonly version: VersionRef; readonly image: Installed } | null = null;
  /** What a kept sandbox answered last. */
  #said: { readonly answer: Answer; readonly memory: string; readonly result: Decided } | null = null;
  #memory = { text: "", bytes: encoder.encode("") };

  static async create(variant: EngineVariant): Promise<LocalSandbox> {
    return LocalSandbox.on(await startEngine(await readEngine(variant)), variant);
  }

  static on({ instance }: SandboxEngine, variant: EngineVariant): LocalSandbox {
    return new LocalSandbox(instance, new Tally(variant));
  }

  private constructor(instance: Instance, tally: Tally) {
    this.#instance = instance;
    this.#decider = this.#decided = new Decider(instance);
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

  /** The decisions of one slot from now on, one by one; they count in no figure. */
  run(slot: SlotId, version: VersionRef): DecisionRun {
    const image = this.#installed.get(versionKey(version));
    assert(image !== undefined, `Version ${versionKey(version)} is not installed`);
    const step = (frame: Float64Array, memory: string) => this.#step(image, frame, memory);
    return new DecisionRun({ slot, version, image, step, decided: () => this.#decided });
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
    const from = migratedFrom(request);
    if (from === null) {
      this.#step(image, frame, memory);
      return this.#decided.answer();
    }
    const decider = this.#decider;
    const answer = decider.decideMigrated(image, frame, this.#bytesOf(memory), encoder.encode(from));
    if (decider.isPoisoned) this.#replace(answer, image);
    return answer;
  }

  /** Gives the answer's kind; `#decided` has the rest until it decides again. */
  #step(image: Installed, frame: Float64Array, memory: string): number {
    const decider = this.#decider;
    this.#decided = decider;
    const bytes = this.#bytesOf(memory);
    const wasKept = decider.keeps(image);
    let kind = decider.step(image, frame, bytes);
    // A fault, or a heap grown large, may come of what was left behind by others: it counts what comes of it alone.
    if (wasKept && !decider.keeps(image) && !decider.isPoisoned) kind = decider.step(image, frame, bytes);
    if (decider.isPoisoned) this.#replace(decider.answer(), image);
    return kind;
  }

  /** A trap is as deterministic as a decision, and leaves nothing behind but memory, all of which is restored. */
  #replace(answer: Answer, { origin }: Installed): void {
    if (!this.#decider.hasTrapped) throw new SandboxPoisoned(faultOf(answer, origin).message);
    this.#decider = new Decider(this.#instance);
  }

  #bytesOf(memory: string): Uint8Array {
    if (memory !== this.#memory.text) this.#memory = { text: memory, bytes: encoder.encode(memory) };
    return this.#memory.bytes;
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
    const isSaidAgain = image.isKept && result.type === "Decided";
    this.#said = isSaidAgain ? { answer: { ...answer, text: answer.text.slice() }, memory, result } : null;
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
