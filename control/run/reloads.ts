// Which changes become attempts, and which attempt of a strategy counts: the newest, at any stage.
import { canonicalJson } from "../../engine/base/canonical-json.ts";
import type { CodeVersion, SlotId } from "../../engine/base/ids.ts";
import { shortVersion } from "../../engine/base/ids.ts";
import type { VersionFacts, VersionRef } from "../../engine/decide/version.ts";
import type { EngineEvent } from "../../engine/event.ts";
import type { Rehearsal } from "../../engine/rehearsal/port.ts";
import type { Candidacy } from "../../engine/reload/candidacy.ts";
import type { BookTerms } from "../../engine/reload/paper-trade.ts";
import { isEnding, type ReceiptState, type ReloadCause } from "../../engine/reload/receipt.ts";
import type { Settings, SlotSettings } from "../../engine/risk/settings.ts";
import { resolveParams } from "../../engine/sandbox/params.ts";
import type { Prepared, TypeCheck, Workshop } from "../../engine/versions/port.ts";
import type { InstalledVersions } from "./installed-versions.ts";
import { ReloadAttempt } from "./reload-attempt.ts";

/**
 * Bundling waits until nothing has changed for this long: a save of two files, or one written in pieces, is one change. The watch
 * may miss what follows a change within 50 ms until its second look at 60: a shorter wait would arm half of a file.
 */
export const QUIET_MS = 75;

export interface ReloadParts {
  readonly workshop: Workshop;
  readonly types: TypeCheck;
  readonly rehearsal: Rehearsal;
  readonly versions: InstalledVersions;
  /** How people know the strategies folder. */
  readonly folder: string;
  /** Nothing may depend on how long something takes. */
  readonly isVirtual: boolean;
  readonly post: (event: EngineEvent) => void;
  readonly admit: (strategy: string, code: CodeVersion) => number;
  /** A code version of the strategy by its short name, `momentum@3f9a2c1e`; null when this bot never saw it. */
  readonly codeOf: (strategy: string, name: string) => CodeVersion | null;
  readonly nextReceiptId: (strategy: string) => string;
  /** Null for a receipt that is over and not its strategy's last. */
  readonly stateOf: (receipt: string) => ReceiptState | null;
  /** What decides the slot's next entry, were nothing tried. */
  readonly standing: (slot: SlotId) => VersionFacts | null;
  /** What is at the gate, or armed. */
  readonly waiting: (strategy: string) => Pick<Candidacy, "receipt" | "wanted"> | null;
  readonly settings: () => Settings;
  readonly terms: () => BookTerms;
  readonly slotsOf: (strategy: string) => readonly SlotSettings[];
  readonly isUngated: (strategy: string) => boolean;
  /** Why a version may not decide, and what to do; null when it may. */
  readonly refusal: (version: VersionRef) => string | null;
  readonly log: (level: "info" | "warn" | "error", message: string, fields: Record<string, unknown>) => void;
  readonly monotonicMs: () => number;
  readonly wallMs: () => number;
  readonly after: (ms: number, then: () => void) => void;
}

export class Reloads {
  readonly #parts: ReloadParts;
  /** The newest of each strategy. */
  readonly #attempts = new Map<string, ReloadAttempt>();
  /** Those that came to the gate last: they may be rehearsed still. */
  readonly #offered = new Map<string, ReloadAttempt>();
  /** Source files of the version last bundled, so that a change of an imported file finds its strategies. */
  readonly #sources = new Map<string, ReadonlySet<string>>();
  /** What the folder last held; null for what could not be loaded, whose imports are not known either. */
  readonly #onDisk = new Map<string, CodeVersion | null>();
  /** What has changed on disk since was not tried to its end. */
  readonly #unseen = new Set<string>();
  /** Other code than the folder's is tried: the folder has its turn after that. */
  readonly #owed = new Set<string>();

  constructor(parts: ReloadParts) {
    this.#parts = parts;
  }

  /** Which strategies a changed path belongs to: its own, and all that import it. What a refused one imports is not known. */
  affectedBy(path: string, strategies: Iterable<string>): string[] {
    return [...strategies].filter(
      (name) => path === `${name}.ts` || this.#sources.get(name)?.has(path) === true || this.#onDisk.get(name) === null,
    );
  }

  /** Something about this strategy changed: look at it once it has been quiet. Resolves when this attempt has come to an end. */
  request(strategy: string, cause: ReloadCause): Promise<void> {
    return this.#request(strategy, cause, false);
  }

  #request(strategy: string, cause: ReloadCause, isSecond: boolean): Promise<void> {
    if (cause !== "params") this.#unseen.add(strategy);
    const before = this.#attempts.get(strategy);
    if (before !== this.#offered.get(strategy)) before?.cancel();
    const attempt: ReloadAttempt = new ReloadAttempt(
      strategy,
      cause,
      this.#parts,
      () => this.#attempts.get(strategy) !== attempt,
    );
    this.#attempts.set(strategy, attempt);
    return new Promise((resolve) => {
      this.#parts.after(cause === "start" ? 0 : QUIET_MS, () => void this.#run(attempt, isSecond).then(resolve));
    });
  }

  /** A version of this strategy decides all that it was meant for. */
  tookOver(strategy: string): void {
    if (this.#owed.has(strategy) && this.#parts.waiting(strategy) === null) void this.request(strategy, "file");
  }

  /** `isSecond`: what the first one of the same change left to be tried. */
  async #run(attempt: ReloadAttempt, isSecond: boolean): Promise<void> {
    const { strategy } = attempt;
    const { workshop } = this.#parts;
    if (attempt.isSuperseded) return;
    const stored = this.#storedInstead(strategy);
    const outcome = await attempt.run(async (overrides) =>
      stored === null
        ? this.#noted(attempt, await workshop.prepare(strategy, overrides))
        : workshop.restore(stored, overrides),
    );
    this.#endRehearsal(strategy);
    if (outcome === "offered") this.#offered.set(strategy, attempt);
    if (attempt.isSuperseded) return;
    if (stored === null) for (const all of [this.#unseen, this.#owed]) all.delete(strategy);
    else this.#owed.add(strategy);
    // New params are not lost with the edit that they came with, nor an edit with the params.
    if (isSecond || outcome === "offered" || outcome === "waits") return;
    if (stored !== null) await this.#request(strategy, "file", true);
    else if (outcome === "refused" && this.#storedInstead(strategy) !== null)
      await this.#request(strategy, "params", true);
  }

  /** What is still rehearsed in the background for a candidate that is over is of no use. */
  #endRehearsal(strategy: string): void {
    const offered = this.#offered.get(strategy);
    const state = offered?.receipt == null ? null : this.#parts.stateOf(offered.receipt);
    if (state !== null && !isEnding(state)) return;
    offered?.cancel();
    this.#offered.delete(strategy);
  }

  /**
   * The code to try where it is not what the folder holds: the one that a strategy is pinned to, and for new params or slots
   * the one that runs while something else is on disk.
   */
  #storedInstead(strategy: string): CodeVersion | null {
    const { slotsOf, standing, settings, codeOf } = this.#parts;
    const slots = slotsOf(strategy);
    const code = slots.flatMap(({ id }) => standing(id)?.ref.code ?? [])[0] ?? null;
    const pin = settings().reload.pins.get(strategy);
    if (pin !== undefined && (code === null || shortVersion(strategy, code) !== pin)) return codeOf(strategy, pin);
    if (code === null || this.#unseen.has(strategy) || this.#onDisk.get(strategy) === code) return null;
    return slots.some((slot) => !hasItsParams(slot, standing(slot.id))) ? code : null;
  }

  #noted(attempt: ReloadAttempt, prepared: Prepared): Prepared {
    const { strategy, isSuperseded } = attempt;
    if (isSuperseded) return prepared; // Answers may come in another order than they were asked for.
    this.#onDisk.set(strategy, prepared.type === "Prepared" ? prepared.artifact.code : null);
    if (prepared.type === "Prepared") this.#sources.set(strategy, new Set(Object.keys(prepared.artifact.sources)));
    return prepared;
  }
}

/** A slot that was added has none. */
function hasItsParams({ params }: SlotSettings, standing: VersionFacts | null): boolean {
  if (standing === null) return false;
  try {
    return canonicalJson(resolveParams(standing.manifest.params, params)) === canonicalJson(standing.params);
  } catch {
    return false; // They do not fit what is declared: the attempt says so.
  }
}
