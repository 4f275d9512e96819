import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type ReloadStatus, readStatus } from "../../control/status.ts";
import type { MarketId, SlotId } from "../../engine/base/ids.ts";
import {
  exampleCandidate,
  exampleReceipt,
  exampleSlot,
  exampleStatus,
  exampleStrategy,
} from "../support/status-example.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

async function read(status: object) {
  const path = join(temporaryFolder(), "status.json");
  writeFileSync(path, JSON.stringify(status));
  return readStatus(path);
}

const where = {
  slot: "BTC-5m-momentum" as SlotId,
  window: "btc-updown-5m-1780920300" as MarketId,
  cycle: 120_000,
};
const rehearsal: ReloadStatus["rehearsal"] = {
  against: "momentum@3f9a2c1e",
  frames: 4_608,
  sampledOf: 460_800,
  windows: { seen: 280, wanted: 288 },
  complete: false,
  pure: true,
  impure: null,
  faults: 1,
  firstFault: { ...where, kind: "threw", message: "x is not a function", where: "momentum.ts:12:5", frame: null },
  fuel: { p50: 320, p99: 900, max: 1_830 },
  changed: [
    {
      ...where,
      at: "2026-06-08T11:55:00.000Z",
      before: null,
      after: { kind: "up", probability: 0.71, limit: null, reason: "spike" },
    },
  ],
  changedDecisions: 12,
  changedWindows: 11,
  reworded: 3,
  pnl: { windows: 9, beforeMicros: -800_000, afterMicros: 1_200_000 },
  notes: ["Positions and memory are as recorded."],
  elapsedMs: 812.5,
};

test("a receipt and a candidate are read as they were written, to the last field", async () => {
  const candidate = exampleCandidate();
  const status = exampleStatus({
    lastReload: exampleReceipt({ rehearsal, gate: candidate.gate, slots: [where.slot], approvedBy: "ops" }),
    strategies: [
      exampleStrategy({ candidate, probation: { version: "momentum@3f9a2c1e", windows: { done: 12, of: 36 } } }),
    ],
    slots: [exampleSlot({ canary: true, shadow: "momentum@8b41d07e" })],
  });
  expect(await read(status)).toEqual(status);
});

test("what an older bot did not say yet is none", async () => {
  const { candidate: _candidate, probation: _probation, ...strategy } = exampleStrategy();
  const { shadow: _shadow, canary: _canary, ...slot } = exampleSlot();
  expect(await read({ ...exampleStatus(), strategies: [strategy], slots: [slot] })).toMatchObject({
    strategies: [{ candidate: null, probation: null }],
    slots: [{ shadow: null, canary: false }],
  });
});

test("a receipt or a candidate of another make is passed over: a halt must not fail for it", async () => {
  const other = { ...exampleReceipt(), state: "sealed" };
  const candidate = { ...exampleCandidate(), code: 3 };
  expect(
    await read({ ...exampleStatus(), lastReload: other, strategies: [{ ...exampleStrategy(), candidate }] }),
  ).toEqual(exampleStatus({ strategies: [exampleStrategy()] }));
});
