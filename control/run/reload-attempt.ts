// One attempt to replace a strategy's code or params, from the change to the core's gate: bundled, admitted, type-checked,
// loaded, rehearsed. It works beside the trading loop, and whatever it finds wrong leaves the running version as it is.
import { canonicalJson } from "../../engine/base/canonical-json.ts";
import { messageOf } from "../../engine/base/errors.ts";
import { type SlotId, shortVersion } from "../../engine/base/ids.ts";
import type { LoadedVersion } from "../../engine/decide/port.ts";
import { type VersionKey, versionKey } from "../../engine/decide/version.ts";
import type { Params } from "../../engine/frame/manifest.ts";
import {
  type Arm,
  REHEARSED_WINDOWS,
  type RehearsalReport,
  type Rehearsing,
  refusals,
} from "../../engine/rehearsal/port.ts";
import { BLANK_RECEIPT, isEnding, type Receipt, type ReloadCause, type Stage } from "../../engine/reload/receipt.ts";
import type { SlotSettings } from "../../engine/risk/settings.ts";
import type { Prepared, SourceError } from "../../engine/versions/port.ts";
import type { ReloadParts } from "./reloads.ts";

type PreparedVersions = Extract<Prepared, { readonly type: "Prepared" }>;

/** How an attempt ends: `waits` is at the gate already, `unchanged` decides already, `barred` may not decide. */
export type Outcome = "offered" | "waits" | "unchanged" | "refused" | "barred" | "superseded";

/** Real time that a save may wait for its rehearsal, ms; the rest of it goes on in the background. */
const REHEARSAL_BUDGET_MS = 120;

interface Wanted {
  readonly slot: SlotSettings;
  readonly version: LoadedVersion;
}

export class ReloadAttempt {
  readonly strategy: string;
  readonly cause: ReloadCause;
  /** What stands for it in the core, once it is at the gate. */
  receipt: string | null = null;
  readonly #parts: ReloadParts;
  readonly #isSuperseded: () => boolean;
  readonly #detectedMs: number;
  readonly #at: string;
  #timingsMs: Readonly<Record<string, number>> = {};
  #rehearsing: Rehearsing | null = null;
  /** What it replaces and what with, once it is loaded. */
  #names: Partial<Receipt> = {};

  constructor(strategy: string, cause: ReloadCause, parts: ReloadParts, isSuperseded: () => boolean) {
    this.strategy = strategy;
    this.cause = cause;
    this.#parts = parts;
    this.#isSuperseded = isSuperseded;
    this.#detectedMs = parts.monotonicMs();
    this.#at = new Date(parts.wallMs()).toISOString();
  }

  get isSuperseded(): boolean {
    return this.#isSuperseded();
  }

  /** Nobody waits for it any more: what is still rehearsed of it is of no use. */
  cancel(): void {
    this.#rehearsing?.cancel();
  }

  /** `prepare` bundles and loads. */
  async run(prepare: (overrides: readonly Params[]) => Promise<Prepared>): Promise<Outcome> {
    const slots = this.#parts.slotsOf(this.strategy);
    if (slots.length === 0) return "unchanged";
    const outcome = await this.#try(prepare, slots);
    if (outcome !== "offered") this.cancel();
    return outcome;
  }

  async #try(
    prepare: (overrides: readonly Params[]) => Promise<Prepared>,
    slots: readonly SlotSettings[],
  ): Promise<Outcome> {
    try {
      const overrides = distinct(slots.map(({ params }) => params));
      const prepared = await prepare(overrides);
      if (this.isSuperseded) return "superseded";
      if (prepared.type === "Refused") return this.#refuse(prepared.stage, prepared.errors);
      return await this.#bring(prepared, this.#wanted(prepared, overrides, slots));
    } catch (error) {
      return this.isSuperseded ? "superseded" : this.#refuse("loaded", [this.#wrong(messageOf(error))]);
    }
  }

  async #bring(prepared: PreparedVersions, wanted: readonly Wanted[]): Promise<Outcome> {
    const parts = this.#parts;
    const versions = [...new Map(wanted.map(({ version }) => [versionKey(version.facts.ref), version])).values()];
    this.#timingsMs = prepared.timingsMs;
    this.#names = this.#namesOf(wanted);
    if (this.#isBarred(versions)) return "barred";
    const stands = () => wanted.every((each) => this.#stands(each));
    if (stands()) return this.#unchanged();
    if (this.#isWaiting(wanted)) return "waits";
    const release = parts.versions.hold(versions);
    try {
      const proved = await this.#prove(prepared, wanted, versions);
      if (this.isSuperseded) return "superseded";
      if (proved === null) return "refused";
      if (this.#isBarred(versions)) return "barred";
      if (stands()) return this.#unchanged(); // What replaced it was taken back meanwhile.
      return this.#offer(proved, wanted, versions);
    } finally {
      release();
    }
  }

  #offer(proved: Partial<Receipt>, wanted: readonly Wanted[], versions: readonly LoadedVersion[]): Outcome {
    const { post, waiting, stateOf } = this.#parts;
    const receipt = this.#receipt({ ...proved, state: "gated" });
    post({ type: "VersionsLoaded", versions: versions.map(({ facts }) => facts) });
    const slots = wanted.map(({ slot, version }) => ({ slot: slot.id, key: versionKey(version.facts.ref) }));
    post({ type: "CandidateOffered", receipt, slots });
    // One that a restart interrupted goes on under the receipt that it had.
    this.receipt = waiting(this.strategy)?.receipt.id ?? receipt.id;
    const state = stateOf(this.receipt);
    if (state === null || isEnding(state)) return "barred";
    if (this.#rehearsing !== null) void this.#completeRehearsal(this.receipt, this.#rehearsing);
    return "offered";
  }

  /** In all slots but those that it decides already. */
  #isWaiting(wanted: readonly Wanted[]): boolean {
    const waiting = this.#parts.waiting(this.strategy);
    if (waiting === null) return false;
    const waits = (each: Wanted) => {
      const key = waiting.wanted.get(each.slot.id);
      return key === undefined ? this.#stands(each) : isOf(each, key);
    };
    if (!wanted.every(waits)) return false;
    this.receipt = waiting.receipt.id;
    return true;
  }

  #stands(each: Wanted): boolean {
    const facts = this.#parts.standing(each.slot.id);
    return facts !== null && isOf(each, versionKey(facts.ref));
  }

  /**
   * Types, rehearsal and installation at the same time, each in its own thread; the first that refuses it, in the order of the
   * stages, is the one that is told. Null when it is refused, or superseded.
   */
  async #prove(
    { artifact }: PreparedVersions,
    wanted: readonly Wanted[],
    versions: readonly LoadedVersion[],
  ): Promise<Partial<Receipt> | null> {
    const parts = this.#parts;
    const { types, rehearsal } = parts;
    const installed = this.#timed("installed", Promise.all(versions.map((version) => parts.versions.install(version))));
    if (parts.isUngated(this.strategy)) {
      await installed;
      return {};
    }
    const checked = this.#timed("type-checked", types.check(parts.folder, artifact.entry, artifact.sources));
    this.#rehearsing = rehearsal.rehearse(this.#order(wanted));
    const rehearsed = this.#timed("rehearsed", this.#rehearsing.first);
    // Whatever is refused first, the others may still fail: nobody listens to them any more.
    for (const other of [installed, rehearsed, this.#rehearsing.rest]) other.catch(() => {});
    const errors = await checked.catch((error) => [this.#wrong(messageOf(error))]);
    if (this.isSuperseded) return null;
    if (errors.length > 0) return this.#refused("type-checked", errors);
    await installed;
    return this.#judge(await rehearsed.catch(messageOf));
  }

  #judge(report: RehearsalReport | string): Partial<Receipt> | null {
    if (this.isSuperseded) return null;
    if (typeof report === "string") return this.#refused("rehearsed", [this.#wrong(report)]);
    const reasons = refusals(report, this.#parts.settings().reload.rehearsalWindowsMin);
    if (reasons.length === 0) return { rehearsal: report };
    const frame = report.firstFault?.frame ?? null;
    const errors = reasons.map((message) => ({ ...this.#wrong(message), frame }));
    return this.#refused("rehearsed", errors, { rehearsal: report });
  }

  #order(wanted: readonly Wanted[]) {
    const parts = this.#parts;
    const running = wanted.flatMap(({ slot }) => {
      const facts = parts.standing(slot.id);
      const version = facts === null ? null : parts.versions.get(versionKey(facts.ref));
      return version === null ? [] : [{ slot, version }];
    });
    return {
      strategy: this.strategy,
      candidate: arms(wanted),
      against: arms(running),
      terms: parts.terms(),
      windows: REHEARSED_WINDOWS,
      budgetMs: parts.isVirtual ? Number.POSITIVE_INFINITY : REHEARSAL_BUDGET_MS,
    };
  }

  async #completeRehearsal(receipt: string, { rest }: Rehearsing): Promise<void> {
    try {
      const report = await rest;
      if (report !== null) this.#parts.post({ type: "RehearsalCompleted", receipt, report });
    } catch (error) {
      const event = "rehearsal.failed";
      this.#parts.log("warn", `The rest of a rehearsal failed: ${messageOf(error)}`, {
        event,
        strategy: this.strategy,
      });
    }
  }

  /** Refuses the candidate whole when one of its versions may not decide: that may change while it is proved, too. */
  #isBarred(versions: readonly LoadedVersion[]): boolean {
    const messages = versions.flatMap(({ facts }) => this.#parts.refusal(facts.ref) ?? []);
    if (messages.length > 0)
      this.#refuse(
        "gated",
        messages.map((message) => this.#wrong(message)),
      );
    return messages.length > 0;
  }

  #unchanged(): Outcome {
    this.#parts.post({ type: "CandidateSuperseded", strategy: this.strategy, by: "what runs, saved again" });
    return "unchanged";
  }

  #wanted(prepared: PreparedVersions, overrides: readonly Params[], slots: readonly SlotSettings[]): Wanted[] {
    const ordinal = this.#parts.admit(this.strategy, prepared.artifact.code);
    const numbered = prepared.loaded.map((version) => ({
      ...version,
      facts: { ...version.facts, ref: { ...version.facts.ref, ordinal } },
    }));
    const byParams = new Map(overrides.map((params, index) => [canonicalJson(params), numbered[index]!]));
    return slots.map((slot) => ({ slot, version: byParams.get(canonicalJson(slot.params))! }));
  }

  #refused(stage: Stage, errors: readonly SourceError[], more: Partial<Receipt> = {}): null {
    this.#refuse(stage, errors, more);
    return null;
  }

  #refuse(stage: Stage, errors: readonly SourceError[], more: Partial<Receipt> = {}): Outcome {
    const { strategy } = this;
    const reasons = errors.map(
      ({ file, line, column, message }) => `${line > 0 ? `${file}:${line}:${column} ` : ""}${message}`,
    );
    for (const { file, line, column, message, frame } of errors) {
      this.#parts.log("error", `refused at ${stage}: ${message}`, {
        event: "reload.rejected",
        strategy,
        stage,
        where: line > 0 ? `${file}:${line}:${column}` : file,
        ...(frame === null ? {} : { frame }),
      });
    }
    const receipt = this.#receipt({ ...more, state: "rejected", stage, reasons });
    this.#parts.post({ type: "CandidateRefused", receipt });
    return "refused";
  }

  #wrong(message: string): SourceError {
    return { file: `${this.strategy}.ts`, line: 0, column: 0, message, frame: null };
  }

  async #timed<T>(stage: string, work: Promise<T>): Promise<T> {
    const { monotonicMs } = this.#parts;
    const startedMs = monotonicMs();
    const result = await work;
    this.#timingsMs = { ...this.#timingsMs, [stage]: monotonicMs() - startedMs };
    return result;
  }

  #namesOf(wanted: readonly Wanted[]): Partial<Receipt> {
    const { strategy } = this;
    const [from = null] = wanted.flatMap(({ slot }) => this.#parts.standing(slot.id) ?? []);
    const { ref } = wanted[0]!.version.facts;
    return {
      from: from === null ? null : shortVersion(strategy, from.ref.code),
      to: shortVersion(strategy, ref.code),
      code: ref.code,
      params: [...new Set(wanted.map(({ version }) => version.facts.ref.params))].sort(),
      ordinal: ref.ordinal,
      slots: wanted.map(({ slot }): SlotId => slot.id),
    };
  }

  #receipt(known: Partial<Receipt>): Receipt {
    const total = this.#parts.monotonicMs() - this.#detectedMs;
    return {
      ...BLANK_RECEIPT,
      id: this.#parts.nextReceiptId(this.strategy),
      strategy: this.strategy,
      cause: this.cause,
      at: this.#at,
      ...this.#names,
      ...known,
      timingsMs: rounded({ ...this.#timingsMs, total }),
    };
  }
}

/** Slots by what decides them. */
function arms(all: readonly Wanted[]): Arm[] {
  const byKey = new Map<string, { readonly version: LoadedVersion; readonly slots: SlotSettings[] }>();
  for (const { slot, version } of all) {
    const key = versionKey(version.facts.ref);
    const arm = byKey.get(key) ?? { version, slots: [] };
    arm.slots.push(slot);
    byKey.set(key, arm);
  }
  return [...byKey.values()];
}

const isOf = ({ version }: Wanted, key: VersionKey): boolean => versionKey(version.facts.ref) === key;

const distinct = (all: readonly Params[]): Params[] => [
  ...new Map(all.map((params) => [canonicalJson(params), params])).values(),
];

const rounded = (timings: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(timings).map(([stage, ms]) => [stage, Math.round(ms * 10) / 10]));
