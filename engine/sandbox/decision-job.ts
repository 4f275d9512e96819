// The decisions of one cycle, as the worker host carries them through batches, hangs and takeovers.
import { type DecisionRequest, type DecisionResult, type Fault, MEMORY_BYTES_MAX } from "../decide/decision.ts";
import type { DecisionRole } from "../decide/port.ts";
import { type VersionKey, versionKey } from "../decide/version.ts";
import type { Manifest } from "../frame/manifest.ts";
import { memoryTooLong } from "./decide.ts";
import { faulted, resultOf } from "./decision-result.ts";
import { asDecided, migratedFrom } from "./memory-start.ts";
import type { CellRequest, SharedCells } from "./shared-cells.ts";
import type { BundleOrigin } from "./source-position.ts";
import type { Tally } from "./tally.ts";

const encoder = new TextEncoder();

/** One request and what is sent for it. */
interface Item {
  readonly request: DecisionRequest;
  readonly cell: CellRequest;
  readonly origin: BundleOrigin;
  result: DecisionResult | null;
  heapBytes: number;
}

/** The host's side of an installed version. */
export interface InstalledVersion {
  /** Its number in the shared cells. */
  readonly number: number;
  readonly origin: BundleOrigin;
  readonly declared: Manifest["memory"];
}

export class DecisionJob {
  readonly cycle: number;
  readonly role: DecisionRole;
  readonly #items: readonly Item[];
  readonly #done: (results: readonly DecisionResult[]) => void;
  /** Not yet answered, in the order in which they are asked. */
  #waiting: Item[];
  /** What is in the cells now. */
  #batch: readonly Item[] = [];

  constructor(
    cycle: number,
    requests: readonly DecisionRequest[],
    installed: (request: DecisionRequest) => InstalledVersion,
    done: (results: readonly DecisionResult[]) => void,
    role: DecisionRole = "live",
  ) {
    this.cycle = cycle;
    this.role = role;
    this.#done = done;
    this.#items = requests.map((asked) => {
      const { number, origin, declared } = installed(asked);
      const request = asDecided(asked, declared);
      const from = migratedFrom(request);
      const memory = encoder.encode(request.memory);
      const result = memory.length > MEMORY_BYTES_MAX ? resultOf(request, memoryTooLong(memory.length), origin) : null;
      const cell = { version: number, frame: request.frame, memory, from: from === null ? null : encoder.encode(from) };
      return { request, cell, origin, result, heapBytes: 0 };
    });
    this.#waiting = this.#items.filter(({ result }) => result === null);
  }

  get complete(): boolean {
    return this.#waiting.length === 0;
  }

  /**
   * Packs the next batch and says how many requests it holds. What hung once may hang again, and must not keep the rest from
   * being decided: suspects are asked last, and only when `mayHang`, for there is a spare and the time to find out.
   */
  pack(cells: SharedCells, suspects: ReadonlySet<VersionKey>, mayHang: boolean): number {
    if (suspects.size > 0) {
      const isSuspect = ({ request }: Item) => suspects.has(versionKey(request.version));
      this.#waiting = [...this.#waiting.filter((item) => !isSuspect(item)), ...this.#waiting.filter(isSuspect)];
      const firstSuspect = this.#waiting.findIndex(isSuspect);
      if (firstSuspect !== -1 && !mayHang) return this.#packed(cells, this.#waiting.slice(0, firstSuspect));
    }
    return this.#packed(cells, this.#waiting);
  }

  #packed(cells: SharedCells, items: readonly Item[]): number {
    const count = cells.pack(items.map(({ cell }) => cell));
    this.#batch = items.slice(0, count);
    return count;
  }

  /** Takes the answers that are there and says how many of the batch still are not. */
  collect(cells: SharedCells, stamp: number): number {
    let missing = 0;
    this.#batch.forEach((item, position) => {
      if (item.result !== null) return;
      const answer = cells.answerAt(position, stamp);
      if (answer === null) {
        missing++;
        return;
      }
      item.result = resultOf(item.request, answer, item.origin);
      item.heapBytes = answer.heapBytes;
    });
    this.#waiting = this.#waiting.filter(({ result }) => result === null);
    return missing;
  }

  /** Faults the request that its worker was at when it was given up, and names the version that took it down; null for none. */
  giveUp(position: number, fault: Fault): VersionKey | null {
    const item = this.#batch[position];
    this.#batch = [];
    if (item === undefined) return null;
    if (item.result === null) item.result = faulted(item.request, fault);
    else if (!tookDown(item.result)) return null;
    this.#waiting = this.#waiting.filter(({ result }) => result === null);
    return versionKey(item.request.version);
  }

  /** The version that the worker is at; null when it has answered. */
  versionAt(position: number): VersionKey | null {
    const item = this.#batch[position];
    return item === undefined || item.result !== null ? null : versionKey(item.request.version);
  }

  /** Clears those that were asked and all of whose answers came. */
  acquit(suspects: Set<VersionKey>): void {
    const [sound, others] = [new Set<VersionKey>(), new Set<VersionKey>()];
    for (const { request, result } of this.#items) {
      (result === null || tookDown(result) ? others : sound).add(versionKey(request.version));
    }
    for (const version of sound) if (!others.has(version)) suspects.delete(version);
  }

  /** Hands over one result per request, in order; those without an answer get `fault`. */
  finish(fault: Fault, tally: Tally): void {
    const results = this.#items.map(({ request, result }) => result ?? faulted(request, fault));
    const heapBytes = this.#items.map((item) => item.heapBytes);
    if (this.role === "live") tally.add(this.cycle, results, heapBytes);
    this.#done(results);
  }
}

const tookDown = (result: DecisionResult): boolean =>
  result.type === "Faulted" && (result.fault.kind === "hung" || result.fault.kind === "host");
