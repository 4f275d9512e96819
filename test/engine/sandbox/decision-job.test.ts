import { expect, test } from "vitest";
import type { SlotId } from "../../../engine/base/ids.ts";
import type { DecisionRequest, DecisionResult } from "../../../engine/decide/decision.ts";
import { type VersionKey, versionKey } from "../../../engine/decide/version.ts";
import { DecisionJob } from "../../../engine/sandbox/decision-job.ts";
import { noPlace } from "../../../engine/sandbox/decision-result.ts";
import { BATCH_REQUESTS_MAX, SharedCells } from "../../../engine/sandbox/shared-cells.ts";
import { Tally } from "../../../engine/sandbox/tally.ts";
import { outcomeOf } from "../../support/strategy-bundle.ts";

const request = (code: string, slot: string, doubles = 20) =>
  ({
    slot: slot as SlotId,
    version: { code, params: "p" },
    frame: new Float64Array(doubles),
    memory: "null",
  }) as DecisionRequest;

function jobOf(requests: readonly DecisionRequest[]) {
  const taken: (readonly DecisionResult[])[] = [];
  const installed = ({ version }: DecisionRequest) => ({
    number: version.code.charCodeAt(0),
    origin: { sourceMap: "", shifts: [] },
    declared: null,
  });
  const job = new DecisionJob(1, requests, installed, (results) => taken.push(results));
  const finish = () => {
    job.finish(noPlace("overdue", "late"), new Tally("bellard"));
    return taken.flat().map((result) => `${result.slot} ${outcomeOf(result)}`);
  };
  return { job, finish };
}

const answer = (reason: string) => ({
  kind: 0,
  probability: Number.NaN,
  limit: Number.NaN,
  fuel: 1,
  heapBytes: 0,
  text: Buffer.from(`\x01${reason}`),
});
const NOBODY: ReadonlySet<VersionKey> = new Set();
/** The versions of what is packed, in order. */
const packed = (cells: SharedCells, count: number) =>
  Array.from({ length: count }, (_, position) => String.fromCharCode(cells.requestAt(position).version)).join("");

test("what was answered stands, the slot that hung is faulted, its version's other slots are asked last", () => {
  const { job, finish } = jobOf([request("a", "S0"), request("b", "S1"), request("b", "S2"), request("a", "S3")]);
  const cells = new SharedCells();
  expect(job.pack(cells, NOBODY, true)).toBe(4);
  cells.begin(0, 0);
  cells.publish(0, 1, answer("first"));
  cells.begin(1, 0);
  expect(job.collect(cells, 1)).toBe(3);
  const suspects = new Set([job.giveUp(cells.current, noPlace("hung", "still at it"))!]);

  const spare = new SharedCells();
  expect(packed(spare, job.pack(spare, suspects, true))).toBe("ab");
  spare.publish(0, 2, answer("second"));
  expect(job.collect(spare, 2)).toBe(1);
  expect(job.complete).toBe(false);
  expect(finish()).toEqual(["S0 hold: first", "S1 hung! still at it", "S2 overdue! late", "S3 hold: second"]);
});

test("a worker that was given up before it began has cost no decision", () => {
  const { job } = jobOf([request("a", "S0"), request("b", "S1")]);
  const cells = new SharedCells();
  job.pack(cells, NOBODY, true);
  expect(job.giveUp(cells.current, noPlace("hung", "still at it"))).toBeNull();
  expect(packed(cells, job.pack(cells, NOBODY, true))).toBe("ab");
});

test("a suspect is asked last, and not at all while there is no spare; it is cleared by answering in every slot", () => {
  const { job } = jobOf([request("a", "S0"), request("b", "S1"), request("a", "S2")]);
  const cells = new SharedCells();
  const suspects = new Set([versionKey(request("a", "S0").version)]);
  expect(packed(cells, job.pack(cells, suspects, false))).toBe("b");
  cells.publish(0, 1, answer("sound"));
  expect(job.collect(cells, 1)).toBe(0);
  expect(job.pack(cells, suspects, false)).toBe(0);
  expect(packed(cells, job.pack(cells, suspects, true))).toBe("aa");
  cells.publish(0, 2, answer("sound"));
  job.collect(cells, 2);
  job.acquit(suspects);
  expect(suspects.size).toBe(1);
  cells.publish(1, 2, answer("sound"));
  job.collect(cells, 2);
  job.acquit(suspects);
  expect(suspects.size).toBe(0);
});

test("an answer without this batch's stamp does not count", () => {
  const { job } = jobOf([request("a", "S0")]);
  const cells = new SharedCells();
  job.pack(cells, NOBODY, true);
  cells.publish(0, 1, answer("of an earlier batch"));
  expect(job.collect(cells, 2)).toBe(1);
});

test("a batch ends where its requests or their frames no longer fit", () => {
  const cells = new SharedCells();
  const many = Array.from({ length: BATCH_REQUESTS_MAX + 1 }, (_, n) => request("a", `S${n}`));
  expect(jobOf(many).job.pack(cells, NOBODY, true)).toBe(BATCH_REQUESTS_MAX);
  const large = Array.from({ length: 9 }, (_, n) => request("a", `S${n}`, 8192));
  expect(jobOf(large).job.pack(cells, NOBODY, true)).toBe(4);
});
