import { expect, test } from "vitest";
import { GROUP_COMMITS_MAX, InThreadStore } from "../../../engine/store/in-thread-store.ts";
import { describeStore, StoreDriver, temporaryDir } from "../../contract/store.ts";
import { write } from "../../contract/store-rows.ts";

describeStore("InThreadStore", async (dir, listener) => new InThreadStore({ dir }, listener));
describeStore("InThreadStore, gathering,", async (dir, listener) => {
  const store = new InThreadStore({ dir, groupCommits: GROUP_COMMITS_MAX }, listener);
  const commit = store.commit.bind(store);
  store.commit = (batch) => commit({ ...batch, urgent: batch.seq % 7 === 1 || batch.seq === 300 || batch.seq < 4 });
  return store;
});

const cycle = (number: number) => [write("cycles", { cycle: number })];

test("a batch is durable before commit returns", () => {
  const driver = new StoreDriver();
  const store = new InThreadStore({ dir: temporaryDir() }, driver);
  store.commit(driver.batch(cycle(1)));
  expect(driver.acknowledged).toEqual([1]);
  store.commit(driver.batch(cycle(2)));
  expect(driver.acknowledged).toEqual([1, 2]);
});

test("gathered batches are committed together when enough have come, at once with an urgent one, and before an answer", async () => {
  const driver = new StoreDriver();
  const store = new InThreadStore({ dir: temporaryDir(), groupCommits: 3 }, driver);
  const acknowledgedAfter = (urgent: boolean, number: number): readonly number[] => {
    store.commit(driver.batch(cycle(number), urgent));
    return [...driver.acknowledged];
  };
  expect(acknowledgedAfter(false, 1)).toEqual([]);
  expect(acknowledgedAfter(false, 2)).toEqual([]);
  expect(acknowledgedAfter(false, 3)).toEqual([3]);
  expect(acknowledgedAfter(false, 4)).toEqual([3]);
  expect(acknowledgedAfter(true, 5)).toEqual([3, 5]);
  expect(acknowledgedAfter(false, 6)).toEqual([3, 5]);
  expect((await store.totals()).cycles).toBe(6);
  expect(driver.acknowledged).toEqual([3, 5, 6]);
  await store.close();
});

test("a batch out of order is a bug", () => {
  const store = new InThreadStore({ dir: temporaryDir() }, new StoreDriver());
  expect(() => store.commit({ seq: 2, writes: [] })).toThrow("Batch 2 came after batch 0");
});
