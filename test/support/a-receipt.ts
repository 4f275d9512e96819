// What control tells the core of a candidate: its receipt, and what its rehearsal found.
import type { SlotId } from "../../engine/base/ids.ts";
import { shortVersion } from "../../engine/base/ids.ts";
import type { VersionFacts } from "../../engine/decide/version.ts";
import type { RehearsalReport } from "../../engine/rehearsal/port.ts";
import { BLANK_RECEIPT, type Receipt } from "../../engine/reload/receipt.ts";

/** Of a rehearsal that found nothing wrong. */
export const aReport = (changes: Partial<RehearsalReport> = {}): RehearsalReport => ({
  against: "momentum@aaaaaaaa",
  frames: 100,
  sampledOf: 100,
  windows: { seen: 288, wanted: 288 },
  complete: true,
  pure: true,
  impure: null,
  faults: 0,
  firstFault: null,
  fuel: { p50: 10, p99: 20, max: 30 },
  changed: [],
  changedDecisions: 0,
  changedWindows: 0,
  reworded: 0,
  pnl: null,
  notes: [],
  elapsedMs: 1,
  ...changes,
});

export const aFaultyReport = (): RehearsalReport =>
  aReport({
    faults: 2,
    firstFault: {
      kind: "threw",
      message: "boom",
      where: "momentum.ts:3:1",
      frame: null,
      slot: "BTC-5m-momentum" as SlotId,
      window: "btc-5m-0" as NonNullable<RehearsalReport["firstFault"]>["window"],
      cycle: 7,
    },
  });

/** Of a candidate as it comes to the gate; `versions`: one for each set of params. */
export function aReceipt(id: string, versions: readonly VersionFacts[], changes: Partial<Receipt> = {}): Receipt {
  const [{ ref }] = versions as readonly [VersionFacts];
  return {
    ...BLANK_RECEIPT,
    id,
    strategy: ref.strategy,
    cause: "file",
    state: "gated",
    to: shortVersion(ref.strategy, ref.code),
    code: ref.code,
    params: [...new Set(versions.map((each) => each.ref.params))].sort(),
    ordinal: ref.ordinal,
    timingsMs: { total: 90 },
    rehearsal: aReport(),
    at: "2026-06-08T12:00:00.000Z",
    ...changes,
  };
}
