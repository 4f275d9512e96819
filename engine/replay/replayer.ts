// Decides again what was decided: each decision in a sandbox that was put back to what its version started from, with the
// numbers and the memory that were recorded. What came out then is shown to the comparer alone.
import { messageOf } from "../base/errors.ts";
import { type ParamsHash, type SlotId, shortVersion } from "../base/ids.ts";
import type { DecisionRequest, DecisionResult, FaultKind } from "../decide/decision.ts";
import { type VersionFacts, type VersionKey, type VersionRef, versionKey } from "../decide/version.ts";
import { decisionId } from "../journal/decision-id.ts";
import type { RecordedDecision } from "../journal/port.ts";
import { SandboxOvertime, SandboxPoisoned } from "../sandbox/instance.ts";
import { type Difference, differencesOf } from "./decision-difference.ts";
import { type NotReplayable, PassedOver } from "./passed-over.ts";
import { RecordedSandboxes, type Reopened } from "./recorded-sandboxes.ts";

export const MISMATCHES_MAX = 100;

/** Its first difference; `fields` has all. */
export interface Mismatch extends Difference {
  readonly decision: string;
  readonly cycle: number;
  readonly slot: SlotId;
  /** `momentum@3f9a2c1e` */
  readonly version: string;
  readonly params: ParamsHash;
  readonly fields: readonly string[];
  /** Place in the TypeScript of the fault that came out now; null for none. */
  readonly where: string | null;
}

/** `decisions` is the sum of the others. */
export interface ReplayReport {
  readonly decisions: number;
  readonly matched: number;
  readonly mismatchedTotal: number;
  /** The first ones, at most MISMATCHES_MAX. */
  readonly mismatched: readonly Mismatch[];
  /** Ended by real time or by the machine, and not by the code: there was no decision that could come out again. */
  readonly undecided: number;
  readonly notReplayable: number;
  readonly notReplayableVersions: readonly NotReplayable[];
  readonly versions: number;
}

const MACHINE_FAULTS: ReadonlySet<FaultKind> = new Set(["overdue", "hung", "host"]);

export class Replayer {
  readonly #sandboxes: RecordedSandboxes;
  readonly #versions = new Set<VersionKey>();
  readonly #passedOver = new PassedOver();
  readonly #mismatched: Mismatch[] = [];
  #mismatchedTotal = 0;
  #decisions = 0;
  #matched = 0;
  #undecided = 0;

  /** `dir`: the bot's data directory, whose version store is read. */
  constructor(dir: string) {
    this.#sandboxes = new RecordedSandboxes(dir);
  }

  get decisions(): number {
    return this.#decisions;
  }

  /** One cycle's. Throws a UserError naming the file where a version's is damaged or missing. */
  async replay(cycle: number, recorded: readonly RecordedDecision[]): Promise<void> {
    for (const { request, result } of recorded) {
      this.#decisions += 1;
      if (isOfTheMachine(result)) {
        this.#undecided += 1;
        continue;
      }
      const reopened = this.#sandboxes.ready(request.version) ?? (await this.#open(request.version));
      const replayed = reopened.type === "Ready" ? this.#decide(reopened, cycle, request) : reopened.why;
      if (typeof replayed === "string") this.#passedOver.add(request.version, replayed);
      else this.#compare(cycle, request, result, replayed);
    }
  }

  /** Of a version that was replayed; null where it is not known what it ran on. */
  factsOf(version: VersionRef): VersionFacts | null {
    const reopened = this.#sandboxes.ready(version);
    return reopened?.type === "Ready" ? reopened.facts : null;
  }

  report(): ReplayReport {
    return {
      decisions: this.#decisions,
      matched: this.#matched,
      mismatchedTotal: this.#mismatchedTotal,
      mismatched: this.#mismatched,
      undecided: this.#undecided,
      notReplayable: this.#passedOver.decisions,
      notReplayableVersions: this.#passedOver.versions,
      versions: this.#versions.size,
    };
  }

  #open(version: VersionRef): Promise<Reopened> {
    this.#versions.add(versionKey(version));
    return this.#sandboxes.open(version);
  }

  /** Why there is no result, when the sandbox or this machine fails. */
  #decide({ sandbox, facts }: Extract<Reopened, { type: "Ready" }>, cycle: number, request: DecisionRequest) {
    if (request.frame.length !== facts.layout.size) {
      return `a frame of ${request.frame.length} numbers is recorded, the version reads ${facts.layout.size}`;
    }
    try {
      return sandbox.decide(cycle, [request], "shadow")[0]!;
    } catch (error) {
      if (!(error instanceof SandboxOvertime || error instanceof SandboxPoisoned)) throw error;
      this.#sandboxes.discard();
      return `the sandbox failed: ${messageOf(error)}`;
    }
  }

  #compare(cycle: number, request: DecisionRequest, recorded: DecisionResult, replayed: DecisionResult): void {
    const differences = differencesOf(recorded, replayed);
    const [first] = differences;
    if (first === undefined) {
      this.#matched += 1;
      return;
    }
    this.#mismatchedTotal += 1;
    if (this.#mismatched.length === MISMATCHES_MAX) return;
    const { slot, version } = request;
    this.#mismatched.push({
      decision: decisionId(slot, cycle),
      cycle,
      slot,
      version: nameOf(version),
      params: version.params,
      ...first,
      fields: differences.map(({ field }) => field),
      where: replayed.type === "Faulted" ? replayed.fault.where : null,
    });
  }
}

const nameOf = ({ strategy, code }: VersionRef): string => shortVersion(strategy, code);

export const isOfTheMachine = (result: DecisionResult): boolean =>
  result.type === "Faulted" && MACHINE_FAULTS.has(result.fault.kind);
