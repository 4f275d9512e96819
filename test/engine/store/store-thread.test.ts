import { expect, test } from "vitest";
import { STORE_QUEUE_MAX } from "../../../engine/store/sqlite-store.ts";
import { StoreThread } from "../../../engine/store/store-thread.ts";
import { describeStore, StoreDriver, temporaryDir } from "../../contract/store.ts";
import { write } from "../../contract/store-rows.ts";
import { entryOf, Journaled, timeOf } from "../journal/journaled.ts";

describeStore("StoreThread", (dir, listener) => StoreThread.open({ dir }, listener));

test("batches that arrive while the thread writes share a transaction", async () => {
  const driver = new StoreDriver();
  const store = await StoreThread.open({ dir: temporaryDir() }, driver);
  for (let cycle = 1; cycle <= 1_000; cycle++) store.commit(driver.batch([write("cycles", { cycle })]));
  await driver.settled();
  expect(driver.acknowledged.at(-1)).toBe(1_000);
  expect(driver.acknowledged.length).toBeLessThan(1_000);
  await store.close();
});

test("the journal is kept as long as the thread was told", async () => {
  const [driver, dir] = [new StoreDriver(), temporaryDir()];
  const store = await StoreThread.open({ dir }, driver);
  store.keepJournal(0);
  for (let cycle = 1; cycle <= 1_024; cycle++) {
    const writes = [write("cycles", { cycle, atMs: timeOf(cycle) })];
    store.commit({ ...driver.batch(writes), journal: entryOf(cycle) });
  }
  await store.close();
  const reader = new Journaled(dir).reader();
  expect(reader.anchor().seq).toBeGreaterThan(0);
  expect(reader.verify()).toMatchObject({ ok: true, head: { seq: 1_024 } });
});

test("the queue to the thread is bounded", async () => {
  const driver = new StoreDriver();
  const store = await StoreThread.open({ dir: temporaryDir() }, driver);
  for (let i = 0; i < STORE_QUEUE_MAX; i++) store.commit(driver.batch([]));
  expect(() => store.commit(driver.batch([]))).toThrow(`${STORE_QUEUE_MAX} batches wait`);
  await store.close();
});

test("closing twice is closing once, and nothing can be sent after it", async () => {
  const driver = new StoreDriver();
  const store = await StoreThread.open({ dir: temporaryDir() }, driver);
  await Promise.all([store.close(), store.close()]);
  expect(() => store.commit(driver.batch([]))).toThrow("the store is closed");
  expect(driver.failures).toEqual([]);
});

test("a thread that fails is reported, and whoever waits is told", async () => {
  const driver = new StoreDriver();
  const store = await StoreThread.open({ dir: temporaryDir() }, driver);
  store.commit(driver.batch([{ table: "nonsense" } as never]));
  await driver.settled();
  expect(driver.failures).toMatchObject([{ kind: "bug" }]);
  await expect(store.totals()).rejects.toThrow("stopped");
  await store.close();
});
