// From a changed file or changed params to an armed version, beside the trading loop. The running version is untouched until
// the boundary; a failure at any stage leaves it running. A newer change supersedes an older one at any stage.
import { canonicalJson } from "../../engine/base/canonical-json.ts";
import { messageOf } from "../../engine/base/errors.ts";
import { type CodeVersion, type SlotId, shortVersion } from "../../engine/base/ids.ts";
import type { LoadedVersion, SandboxHost } from "../../engine/decide/port.ts";
import { type VersionKey, type VersionRef, versionKey } from "../../engine/decide/version.ts";
import type { EngineEvent } from "../../engine/event.ts";
import type { Params } from "../../engine/frame/manifest.ts";
import type { SlotSettings } from "../../engine/risk/settings.ts";
import type { Prepared, SourceError, Workshop } from "../../engine/versions/port.ts";
import type { ReloadStatus } from "../status.ts";

/**
 * Bundling waits until nothing has changed for this long: a save of two files, or one written in pieces, is one change. The watch
 * may miss what follows a change within 50 ms until its second look at 60: a shorter wait would arm half of a file.
 */
export const QUIET_MS = 75;

export interface ReloadParts {
  readonly workshop: Workshop;
  readonly host: SandboxHost;
  readonly post: (event: EngineEvent) => void;
  readonly admit: (strategy: string, code: CodeVersion) => number;
  /** What decides the slot's next entry now, or is about to. */
  readonly standing: (slot: SlotId) => Standing;
  readonly slotsOf: (strategy: string) => readonly SlotSettings[];
  /** Why a version is quarantined, and what to do; null when it is not. */
  readonly refusal: (version: VersionRef) => string | null;
  readonly log: (level: "info" | "warn" | "error", message: string, fields: Record<string, unknown>) => void;
  readonly monotonicMs: () => number;
  readonly wallMs: () => number;
  readonly after: (ms: number, then: () => void) => void;
}

interface Standing {
  readonly running: VersionRef | null;
  readonly armed: VersionRef | null;
}

interface Candidate {
  readonly cause: ReloadStatus["cause"];
  readonly detectedMs: number;
  /** The change that asked last; an older answer is dropped. */
  readonly turn: number;
  /** What is being installed for it: not armed yet, and not to be retired either. */
  installing: readonly VersionKey[];
}

export class Reloads {
  readonly #parts: ReloadParts;
  readonly #candidates = new Map<string, Candidate>();
  /** The last word on each strategy. */
  readonly #receipts = new Map<string, ReloadStatus>();
  /** Of what is armed and waits for its boundary, whatever was refused since. */
  readonly #waiting = new Map<string, ReloadStatus>();
  /** Source files of the version last bundled, so that a change of an imported file finds its strategies. */
  readonly #sources = new Map<string, ReadonlySet<string>>();
  readonly #installed = new Set<VersionKey>();
  readonly #idle = new Set<VersionKey>();
  #turns = 0;
  #last: ReloadStatus | null = null;

  constructor(parts: ReloadParts) {
    this.#parts = parts;
  }

  get last(): ReloadStatus | null {
    return this.#last;
  }

  receipt(strategy: string): ReloadStatus | null {
    return this.#receipts.get(strategy) ?? null;
  }

  /** Which strategies a changed path belongs to: its own, and all that import it. What a refused one imports is not known. */
  affectedBy(path: string, strategies: Iterable<string>): string[] {
    return [...strategies].filter(
      (name) =>
        path === `${name}.ts` ||
        this.#sources.get(name)?.has(path) === true ||
        this.#receipts.get(name)?.state === "rejected",
    );
  }

  /** Something about this strategy changed: look at it once it has been quiet. Resolves when this change is armed, refused or superseded. */
  request(strategy: string, cause: ReloadStatus["cause"]): Promise<void> {
    this.#turns += 1;
    const candidate: Candidate = {
      cause,
      detectedMs: this.#parts.monotonicMs(),
      turn: this.#turns,
      installing: [],
    };
    this.#candidates.set(strategy, candidate);
    return new Promise((resolve) => {
      this.#parts.after(cause === "start" ? 0 : QUIET_MS, () => void this.#pursue(strategy, candidate).then(resolve));
    });
  }

  async #pursue(strategy: string, candidate: Candidate): Promise<void> {
    const superseded = () => this.#candidates.get(strategy) !== candidate;
    if (superseded()) return;
    const slots = this.#parts.slotsOf(strategy);
    if (slots.length === 0) return;
    try {
      const overrides = distinct(slots.map((slot) => slot.params));
      const prepared = await this.#parts.workshop.prepare(strategy, overrides);
      if (superseded()) return;
      if (prepared.type === "Refused") return this.#refuse(strategy, candidate, prepared.stage, prepared.errors);
      this.#sources.set(strategy, new Set(Object.keys(prepared.artifact.sources)));
      await this.#arm(strategy, prepared, overrides, slots, candidate, superseded);
    } catch (error) {
      const where = { file: `${strategy}.ts`, line: 0, column: 0, message: messageOf(error), frame: null };
      if (!superseded()) this.#refuse(strategy, candidate, "loaded", [where]);
    } finally {
      candidate.installing = [];
    }
  }

  /** Installs what was loaded and arms the slots it is for. Nothing happens when all of them run it already. */
  async #arm(
    strategy: string,
    prepared: Extract<Prepared, { type: "Prepared" }>,
    overrides: readonly Params[],
    slots: readonly SlotSettings[],
    candidate: Candidate,
    superseded: () => boolean,
  ): Promise<void> {
    const { monotonicMs } = this.#parts;
    const versions = this.#numbered(strategy, prepared);
    if (this.#isQuarantined(strategy, versions, candidate)) return;
    const byParams = new Map(overrides.map((params, index) => [canonicalJson(params), versions[index]!]));
    const wanted = slots.map((slot) => ({ slot: slot.id, version: byParams.get(canonicalJson(slot.params))! }));
    const stands = (which: (standing: Standing) => VersionRef | null) =>
      wanted.every(({ slot, version }) => {
        const ref = which(this.#parts.standing(slot));
        return ref !== null && versionKey(ref) === versionKey(version.facts.ref);
      });
    const { ref } = versions[0]!.facts;
    if (stands(({ running, armed }) => armed ?? running)) return this.#unchanged(ref, candidate);
    const installStartMs = monotonicMs();
    candidate.installing = versions.map((version) => versionKey(version.facts.ref));
    for (const version of versions) await this.install(version);
    if (superseded() || this.#isQuarantined(strategy, versions, candidate)) return;
    const from = this.#parts.standing(slots[0]!.id).running;
    const isUndone = stands(({ running }) => running);
    this.#parts.post({ type: "VersionsLoaded", versions: versions.map((version) => version.facts) });
    this.#parts.post({
      type: "VersionsArmed",
      slots: wanted.map(({ slot, version }) => ({ slot, key: versionKey(version.facts.ref) })),
    });
    if (isUndone) return this.#unchanged(ref, candidate);
    const receipt: ReloadStatus = {
      ...this.#receiptOf(strategy, candidate),
      state: "armed",
      from: from === null ? null : shortVersion(strategy, from.code),
      to: shortVersion(strategy, ref.code),
      timingsMs: rounded({
        ...prepared.timingsMs,
        installed: monotonicMs() - installStartMs,
        total: monotonicMs() - candidate.detectedMs,
      }),
    };
    this.#waiting.set(strategy, receipt);
    this.#record(receipt);
  }

  /** Refuses the candidate whole when one of its versions is: that may happen while it is being installed, too. */
  #isQuarantined(strategy: string, versions: readonly LoadedVersion[], candidate: Candidate): boolean {
    const errors = versions.flatMap(({ facts }) => {
      const message = this.#parts.refusal(facts.ref);
      return message === null ? [] : [{ file: `${strategy}.ts`, line: 0, column: 0, message, frame: null }];
    });
    if (errors.length > 0) this.#refuse(strategy, candidate, "gated", errors);
    return errors.length > 0;
  }

  async install(version: LoadedVersion): Promise<void> {
    const key = versionKey(version.facts.ref);
    this.#idle.delete(key);
    if (this.#installed.has(key)) return;
    await this.#parts.host.install(version);
    this.#installed.add(key);
  }

  /** Lets go of versions that nothing has used for two calls in a row: between them one may be installed and not yet armed. */
  retire(inUse: ReadonlySet<VersionKey>): void {
    const idleBefore = new Set(this.#idle);
    this.#idle.clear();
    const installing = new Set([...this.#candidates.values()].flatMap((candidate) => candidate.installing));
    for (const key of this.#installed) {
      if (inUse.has(key) || installing.has(key)) continue;
      if (!idleBefore.has(key)) {
        this.#idle.add(key);
        continue;
      }
      this.#installed.delete(key);
      this.#parts.host.retire(key);
    }
  }

  /** The boundary was crossed: one line a reload, with its timings. A version without a receipt ran before: it is resumed. */
  activated(version: VersionRef, slots: number, cycle: number): void {
    const { strategy, code, ordinal } = version;
    const name = shortVersion(strategy, code);
    const waiting = this.#waiting.get(strategy);
    const receipt = waiting?.to === name ? waiting : null;
    if (receipt !== null) {
      this.#waiting.delete(strategy);
      if (this.#receipts.get(strategy) === receipt) {
        this.#record({ ...receipt, state: "active", boundaryCycle: cycle });
      }
    }
    const { total = 0, ...stages } = receipt?.timingsMs ?? {};
    const laps = Object.entries(stages).map(([stage, ms]) => `${stage} ${ms} ms`);
    const what =
      receipt === null
        ? "resumed"
        : receipt.from === null
          ? "started"
          : receipt.from === name
            ? "new params for"
            : `reloaded ${receipt.from} →`;
    const timings = receipt === null ? "" : `, armed in ${total} ms (${laps.join(", ")})`;
    this.#parts.log("info", `${what} ${name} (v${ordinal}): decides ${slots} slots from cycle ${cycle}${timings}`, {
      event: "version.live",
      strategy,
      code,
      ordinal,
      cycle,
      ...(receipt === null ? {} : { receipt: receipt.id }),
    });
  }

  /** What is on disk runs already, or will from the boundary on: a refusal before it is history, and so is an edit undone. */
  #unchanged({ strategy, code }: VersionRef, candidate: Candidate): void {
    const before = this.#receipts.get(strategy);
    if (before === undefined || before.state === "active") return;
    const isWaiting = this.#parts.slotsOf(strategy).some(({ id }) => this.#parts.standing(id).armed !== null);
    const waiting = this.#waiting.get(strategy);
    if (isWaiting && waiting !== undefined) return this.#record(waiting);
    this.#waiting.delete(strategy);
    const name = shortVersion(strategy, code);
    this.#record({ ...this.#receiptOf(strategy, candidate), state: "active", from: name, to: name });
    this.#parts.log("info", `what is on disk runs already: ${name}`, { event: "reload.unchanged", strategy });
  }

  #numbered(strategy: string, { artifact, loaded }: Extract<Prepared, { type: "Prepared" }>): LoadedVersion[] {
    const ordinal = this.#parts.admit(strategy, artifact.code);
    return loaded.map((version) => ({
      ...version,
      facts: { ...version.facts, ref: { ...version.facts.ref, ordinal } },
    }));
  }

  #refuse(strategy: string, candidate: Candidate, stage: string, errors: readonly SourceError[]): void {
    const reasons = errors.map(
      ({ file, line, column, message }) => `${line > 0 ? `${file}:${line}:${column}` : file} ${message}`,
    );
    this.#record({ ...this.#receiptOf(strategy, candidate), state: "rejected", stage, reasons });
    for (const { file, line, column, message, frame } of errors) {
      this.#parts.log("error", `refused at ${stage}: ${message}`, {
        event: "reload.rejected",
        strategy,
        stage,
        where: line > 0 ? `${file}:${line}:${column}` : file,
        ...(frame === null ? {} : { frame }),
      });
    }
  }

  #receiptOf(strategy: string, { cause, turn }: Candidate): ReloadStatus {
    return {
      id: `${strategy}-${turn}`,
      strategy,
      cause,
      state: "detected",
      from: null,
      to: null,
      stage: null,
      reasons: [],
      timingsMs: {},
      boundaryCycle: null,
      boundaryUs: null,
      at: new Date(this.#parts.wallMs()).toISOString(),
    };
  }

  #record(receipt: ReloadStatus): void {
    this.#receipts.set(receipt.strategy, receipt);
    this.#last = receipt;
  }
}

const distinct = (all: readonly Params[]): Params[] => [
  ...new Map(all.map((params) => [canonicalJson(params), params])).values(),
];

const rounded = (timings: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(timings).map(([stage, ms]) => [stage, Math.round(ms * 10) / 10]));
