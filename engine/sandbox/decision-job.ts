// The decisions of one cycle, as the worker host carries them through batches, hangs and takeovers.
import { type DecisionRequest, type DecisionResult, type Fault, MEMORY_BYTES_MAX } from "../decide/decision.ts";
import { versionKey } from "../decide/version.ts";
import { memoryTooLong } from "./decide.ts";
import { faulted, resultOf } from "./decision-result.ts";
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
}

export class DecisionJob {
  readonly cycle: number;
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
  ) {
    this.cycle = cycle;
    this.#done = done;
    this.#items = requests.map((request) => {
      const { number, origin } = installed(request);
      const memory = encoder.encode(request.memory);
      const result = memory.length > MEMORY_BYTES_MAX ? resultOf(request, memoryTooLong(memory.length), origin) : null;
      return { request, cell: { version: number, frame: request.frame, memory }, origin, result, heapBytes: 0 };
    });
    this.#waiting = this.#items.filter(({ result }) => result === null);
  }

  get complete(): boolean {
    return this.#waiting.length === 0;
  }

  /** Packs the next batch and says how many requests it holds. */
  pack(cells: SharedCells): number {
    const count = cells.pack(this.#waiting.map(({ cell }) => cell));
    this.#batch = this.#waiting.slice(0, count);
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

  /**
   * Faults the request that its worker was at when it was given up. Others of the same version are asked last: what hung
   * once may hang again, and must not keep the rest from being decided.
   */
  giveUp(position: number, fault: Fault): void {
    const item = this.#batch[position];
    this.#batch = [];
    if (item === undefined || item.result !== null) return;
    item.result = faulted(item.request, fault);
    const suspect = versionKey(item.request.version);
    const isSuspect = ({ request }: Item) => versionKey(request.version) === suspect;
    const waiting = this.#waiting.filter(({ result }) => result === null);
    this.#waiting = [...waiting.filter((one) => !isSuspect(one)), ...waiting.filter(isSuspect)];
  }

  /** Hands over one result per request, in order; those without an answer get `fault`. */
  finish(fault: Fault, tally: Tally): void {
    const results = this.#items.map(({ request, result }) => result ?? faulted(request, fault));
    const heapBytes = this.#items.map((item) => item.heapBytes);
    tally.add(this.cycle, results, heapBytes);
    this.#done(results);
  }
}
