import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readStatus } from "../../control/status.ts";
import { STATUS_GAP_MS_MIN, StatusWriter, type WriterTime } from "../../control/status-file.ts";
import { exampleStatus } from "../support/status-example.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

/** Time that passes only when told to. */
class FakeTime implements WriterTime {
  #nowMs = 1_000;
  #timers: { atMs: number; run: () => void }[] = [];
  nowMs = () => this.#nowMs;
  after(delayMs: number, run: () => void) {
    const timer = { atMs: this.#nowMs + delayMs, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }
  async pass(ms: number): Promise<void> {
    this.#nowMs += ms;
    const due = this.#timers.filter(({ atMs }) => atMs <= this.#nowMs);
    this.#timers = this.#timers.filter((timer) => !due.includes(timer));
    for (const { run } of due) run();
    await settled();
  }
}

/** Every promise that can go on has. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

function setUp() {
  const time = new FakeTime();
  const written: number[] = [];
  const errors: unknown[] = [];
  let finish: (() => void) | null = null;
  let fail = false;
  const writer = new StatusWriter("unused", {
    time,
    onError: (error) => errors.push(error),
    write: (text) => {
      if (fail) return Promise.reject(new Error("disk full"));
      written.push(JSON.parse(text).heartbeat.seq);
      return finish === null ? Promise.resolve() : new Promise((resolve) => (finish = resolve));
    },
  });
  const offer = (seq: number) => writer.offer(() => exampleStatus({ heartbeat: { seq, at: null } }));
  return {
    time,
    written,
    errors,
    writer,
    offer,
    holdWrites: () => (finish = () => {}),
    finishWrite: () => finish!(),
    failWrites: (failing: boolean) => (fail = failing),
  };
}

test("the first status is written at once, the rest four times a second, always the newest, never none", async () => {
  const { time, written, offer } = setUp();
  for (let seq = 0; seq < 900; seq++) {
    offer(seq);
    await time.pass(1);
  }
  expect(written).toEqual([0, 249, 499, 749]);
  await time.pass(STATUS_GAP_MS_MIN);
  expect(written).toEqual([0, 249, 499, 749, 899]);
  await time.pass(10_000);
  expect(written).toHaveLength(5);
});

test("a state that is replaced before it is due is never made", async () => {
  const { time, written, writer, offer } = setUp();
  offer(1);
  writer.offer(() => expect.unreachable());
  offer(2);
  await time.pass(STATUS_GAP_MS_MIN);
  expect(written).toEqual([1, 2]);
});

test("writes do not overlap: a slow disk makes fewer", async () => {
  const { time, written, offer, holdWrites, finishWrite } = setUp();
  holdWrites();
  offer(1);
  offer(2);
  await time.pass(10 * STATUS_GAP_MS_MIN);
  expect(written).toEqual([1]);
  finishWrite();
  await settled();
  expect(written).toEqual([1, 2]);
});

test("closing writes the last one without waiting for its turn", async () => {
  const { written, writer, offer } = setUp();
  offer(1);
  offer(2);
  await writer.close();
  expect(written).toEqual([1, 2]);
});

test("neither a disk that fails nor a state that cannot be made reaches the caller, and the next one tries again", async () => {
  const { time, written, errors, writer, offer, failWrites } = setUp();
  failWrites(true);
  offer(1);
  await settled();
  failWrites(false);
  writer.offer(() => {
    throw new Error("no state");
  });
  await time.pass(STATUS_GAP_MS_MIN);
  offer(3);
  await time.pass(STATUS_GAP_MS_MIN);
  expect(errors.map(String)).toEqual(["Error: disk full", "Error: no state"]);
  expect(written).toEqual([3]);
});

test("what is written is read back, and fields of a newer bot are passed over", async () => {
  const path = join(temporaryFolder(), "status.json");
  const status = exampleStatus();
  const writer = new StatusWriter(path, { onError: (error) => expect.unreachable(String(error)) });
  writer.offer(() => Object.assign({ tomorrow: true }, status));
  await writer.close();
  expect(JSON.parse(readFileSync(path, "utf8"))).toHaveProperty("tomorrow");
  expect(await readStatus(path)).toEqual(status);
});
