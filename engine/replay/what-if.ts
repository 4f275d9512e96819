// What another code would have decided with the very numbers that were recorded: frame by frame, beside what was decided. What
// it would have done to later frames, for it would have held other positions, is not in here.
import { ASSETS, WINDOW_INTERVALS, WINDOW_MS } from "../../dsl/asset.ts";
import { canonicalJson } from "../base/canonical-json.ts";
import { messageOf, UserError } from "../base/errors.ts";
import { marketId, shortVersion } from "../base/ids.ts";
import type { DecisionRequest, DecisionResult } from "../decide/decision.ts";
import type { LoadedVersion } from "../decide/port.ts";
import { type VersionFacts, type VersionKey, type VersionRef, versionKey } from "../decide/version.ts";
import { HEADER_INDEX } from "../frame/layout.ts";
import type { Manifest } from "../frame/manifest.ts";
import type { RecordedDecision } from "../journal/port.ts";
import type { ChangedDecision, RehearsedFault, Said } from "../rehearsal/port.ts";
import { SandboxOvertime, SandboxPoisoned } from "../sandbox/instance.ts";
import type { LocalSandbox } from "../sandbox/local-sandbox.ts";
import { initialMemory } from "../sandbox/memory-start.ts";
import type { CandidateCode } from "./candidate-code.ts";
import { FrameMapping, mapFrame } from "./frame-mapping.ts";
import { type NotReplayable, PassedOver } from "./passed-over.ts";
import { RecordedSandboxes } from "./recorded-sandboxes.ts";
import { isOfTheMachine } from "./replayer.ts";

const CHANGED_MAX = 100;

export interface WhatIfReport {
  /** `momentum@3f9a2c1e` */
  readonly version: string;
  /** Decided by both. */
  readonly decisions: number;
  /** `hold → up`, and how often; those that stayed as they were are in it too. */
  readonly counts: { readonly [change: string]: number };
  /** Of another kind, probability or limit. */
  readonly changedTotal: number;
  readonly changedWindows: number;
  /** The first one of each window, at most CHANGED_MAX. */
  readonly changed: readonly ChangedDecision[];
  /** With another reason only. */
  readonly reworded: number;
  readonly faults: number;
  readonly firstFault: RehearsedFault | null;
  readonly undecided: number;
  readonly notReplayable: number;
  readonly notReplayableVersions: readonly NotReplayable[];
  /** What a reader must know to believe the figures, as sentences. */
  readonly notes: readonly string[];
}

type MemoryUsed = "none" | "recorded" | "migrated" | "initial";

interface Prepared {
  readonly version: LoadedVersion;
  readonly sandbox: LocalSandbox;
  readonly mapping: FrameMapping;
  readonly memory: MemoryUsed;
}

export class WhatIf {
  readonly #sandboxes: RecordedSandboxes;
  readonly #candidate: CandidateCode;
  readonly #prepared = new Map<VersionKey, Prepared | string>();
  readonly #passedOver = new PassedOver();
  readonly #counts = new Map<string, number>();
  readonly #changed: ChangedDecision[] = [];
  readonly #changedWindows = new Set<string>();
  readonly #notes = new Set<string>();
  #decisions = 0;
  #changedTotal = 0;
  #reworded = 0;
  #faults = 0;
  #undecided = 0;
  #firstFault: RehearsedFault | null = null;

  constructor(dir: string, candidate: CandidateCode) {
    this.#sandboxes = new RecordedSandboxes(dir);
    this.#candidate = candidate;
  }

  get decisions(): number {
    return this.#decisions;
  }

  /** One cycle's, those of other strategies left out. Throws a Refusal or a UserError where it cannot decide them. */
  async decide(cycle: number, atMs: number, recorded: readonly RecordedDecision[]): Promise<void> {
    for (const { request, result } of recorded) {
      if (isOfTheMachine(result)) {
        this.#undecided += 1;
        continue;
      }
      const prepared = this.#prepared.get(versionKey(request.version)) ?? (await this.#prepare(request.version));
      if (typeof prepared === "string") this.#passedOver.add(request.version, prepared);
      else this.#compare(cycle, atMs, request, result, this.#decided(cycle, prepared, request));
    }
  }

  report(): WhatIfReport {
    return {
      version: this.#candidate.names.join(", "),
      decisions: this.#decisions,
      counts: Object.fromEntries([...this.#counts].sort((a, b) => b[1] - a[1])),
      changedTotal: this.#changedTotal,
      changedWindows: this.#changedWindows.size,
      changed: this.#changed,
      reworded: this.#reworded,
      faults: this.#faults,
      firstFault: this.#firstFault,
      undecided: this.#undecided,
      notReplayable: this.#passedOver.decisions,
      notReplayableVersions: this.#passedOver.versions,
      notes: [...this.#notes],
    };
  }

  async #prepare(ref: VersionRef): Promise<Prepared | string> {
    const prepared = await this.#prepareFor(ref);
    this.#prepared.set(versionKey(ref), prepared);
    return prepared;
  }

  async #prepareFor(ref: VersionRef): Promise<Prepared | string> {
    const reopened = await this.#sandboxes.open(ref);
    if (reopened.type === "NotReplayable") return reopened.why;
    const { facts, engine } = reopened;
    const { version, sandbox } = await this.#candidate.loadFor(facts, engine);
    const mapping = mapFrame(facts, version.facts);
    const name = shortVersion(ref.strategy, ref.code);
    if (!(mapping instanceof FrameMapping)) {
      const inputs = mapping.map((input) => described(input, version.facts));
      throw new UserError("rejected", `Cannot decide again on what ${name} saw: it did not read ${inputs.join(", ")}`, {
        hint: `underway dry-run ${this.#candidate.strategy} computes inputs anew from the bot's market history`,
      });
    }
    const memory = memoryFor(facts.manifest, version.facts.manifest);
    if (memory !== "none") this.#notes.add(`Memory of decisions by ${name}: ${MEMORY_WORDS[memory]}.`);
    return { version, sandbox, mapping, memory };
  }

  #decided(cycle: number, { version, sandbox, mapping, memory }: Prepared, recorded: DecisionRequest): DecisionResult {
    const { ref, manifest } = version.facts;
    const isFresh = memory === "none" || memory === "initial";
    const from = recorded.migrateFrom ?? (memory === "migrated" ? recorded.version.code : null);
    const request: DecisionRequest = {
      slot: recorded.slot,
      version: ref,
      frame: mapping.fill(recorded.frame),
      memory: isFresh ? initialMemory(manifest.memory) : recorded.memory,
      ...(isFresh || from === null ? {} : { migrateFrom: from }),
    };
    try {
      return sandbox.decide(cycle, [request], "shadow")[0]!;
    } catch (error) {
      if (!(error instanceof SandboxOvertime || error instanceof SandboxPoisoned)) throw error;
      throw new UserError("rejected", `Cannot decide with it: ${messageOf(error)}`, { cause: error });
    }
  }

  #compare(cycle: number, atMs: number, request: DecisionRequest, recorded: DecisionResult, other: DecisionResult) {
    this.#decisions += 1;
    const [before, after] = [saidOf(recorded), saidOf(other)];
    const change = `${before.kind} → ${after.kind}`;
    this.#counts.set(change, (this.#counts.get(change) ?? 0) + 1);
    const { slot, frame } = request;
    const window = windowOf(frame, atMs);
    if (other.type === "Faulted") {
      this.#faults += 1;
      this.#firstFault ??= { ...other.fault, slot, window, cycle };
    }
    if (isSame(before, after)) {
      if (before.reason !== after.reason) this.#reworded += 1;
      return;
    }
    this.#changedTotal += 1;
    const key = `${slot} ${window}`;
    if (this.#changedWindows.has(key)) return;
    this.#changedWindows.add(key);
    if (this.#changed.length === CHANGED_MAX) return;
    this.#changed.push({ window, cycle, slot, at: new Date(atMs).toISOString(), before, after });
  }
}

const MEMORY_WORDS = {
  recorded: "as recorded, for it declares the same",
  migrated: "made of what was recorded by migrate(), each time",
  initial: "what the file declares to begin with, each time, for it has no migrate() for what was recorded",
} as const;

function memoryFor({ memory: recorded }: Manifest, { memory: declared }: Manifest): MemoryUsed {
  if (declared === null) return "none";
  if (recorded !== null && shapeOf(recorded.initial) === shapeOf(declared.initial)) return "recorded";
  return declared.migrates ? "migrated" : "initial";
}

/** Names and types of all members. */
const shapeOf = (value: unknown): string =>
  canonicalJson(
    JSON.parse(JSON.stringify(value), (_, part) =>
      typeof part === "object" ? (Array.isArray(part) ? [] : part) : typeof part,
    ),
  );

function described(input: string, { manifest }: VersionFacts): string {
  const { kind, options } = manifest.inputs[input]!;
  return `${input} (${kind} ${canonicalJson(options)})`;
}

/** The market of a decision, from its frame: the window that closes so many seconds later. */
function windowOf(frame: Float64Array, atMs: number): ChangedDecision["window"] {
  const asset = ASSETS[frame[HEADER_INDEX.assetIndex]!]!;
  const interval = WINDOW_INTERVALS[frame[HEADER_INDEX.intervalIndex]!]!;
  const lengthMs = WINDOW_MS[interval];
  const closeMs = Math.round((atMs + 1_000 * frame[HEADER_INDEX.secondsLeft]!) / lengthMs) * lengthMs;
  return marketId(asset, interval, closeMs - lengthMs);
}

function saidOf(result: DecisionResult): Said {
  if (result.type === "Faulted") {
    return { kind: "fault", probability: null, limit: null, reason: `${result.fault.kind}: ${result.fault.message}` };
  }
  const { signal } = result;
  const { probability, limit } = "probability" in signal ? signal : { probability: null, limit: null };
  return { kind: signal.kind, probability, limit, reason: signal.reason };
}

const isSame = (one: Said, other: Said): boolean =>
  one.kind === other.kind && one.probability === other.probability && one.limit === other.limit;
