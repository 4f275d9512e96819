// A slot that stands still raises an alarm; one that was switched off still looks after what it holds.
import { expect, test } from "vitest";
import { exit, SLOT, tradingCore, up } from "../support/core.ts";

const openKinds = (core: Awaited<ReturnType<typeof tradingCore>>) => core.engine.alarms.open.map(({ kind }) => kind);

test("ten cycles in a row without a decision are an alarm, and the next decision clears it", async () => {
  const core = await tradingCore();
  for (let second = 1; second <= 10; second++) core.cycle(second, { [SLOT]: "fault" });
  expect(openKinds(core)).toEqual([]);
  core.cycle(11);
  expect(openKinds(core)).toEqual(["missing-decisions"]);
  core.cycle(12);
  expect(openKinds(core)).toEqual([]);
});

test("a slot that is switched off enters nothing, and is not asked while it holds nothing", async () => {
  const core = await tradingCore();
  core.configure({ disabledSlots: new Set([SLOT]) });
  core.cycle(1, { [SLOT]: up() });
  expect(core.requests).toHaveLength(0);
  expect(core.submitted).toHaveLength(0);
});

test("a slot that is switched off while it holds a position is asked until its strategy has sold it", async () => {
  const core = await tradingCore();
  core.cycle(1, { [SLOT]: up() });
  core.fill();
  core.configure({ disabledSlots: new Set([SLOT]) });
  core.cycle(2);
  expect(core.requests).toHaveLength(1);
  core.cycle(3, { [SLOT]: exit });
  expect(core.submitted.map(({ action }) => action)).toEqual(["buy", "sell"]);
});
