import { describe, expect, it } from "vitest";
import { coldChanges, parseConfig } from "../../control/config.ts";
import { config, fixedStake, fractionalKelly } from "../../dsl/config.ts";
import type { Json } from "../../engine/base/canonical-json.ts";
import { UserError } from "../../engine/base/errors.ts";

const slot = { asset: "btc", interval: "5m", strategy: "momentum" };
const parse = (json: unknown) => parseConfig(json as Json, "underway.config.ts");

function problem(json: unknown): { where: string | null; message: string } {
  try {
    parse(json);
  } catch (error) {
    if (error instanceof UserError && error.code === "config") return { where: error.where, message: error.message };
    throw error;
  }
  throw new Error("the configuration was accepted");
}

describe("a configuration", () => {
  it("needs slots and nothing else", () => {
    expect(parse({ slots: [slot] })).toEqual({
      cold: {
        venue: "simulated",
        feed: "simulated",
        cycleMs: 1000,
        dataDir: ".underway",
        cashMicros: 1_000_000_000,
        journalKeptMs: 14 * 86_400_000,
      },
      settings: {
        mode: "active",
        slots: [{ id: "BTC-5m-momentum", asset: "btc", interval: "5m", strategy: "momentum", params: {} }],
        disabledSlots: new Set(),
        disabledStrategies: new Set(),
        sizing: { type: "fixedStake", stakeMicros: 5_000_000 },
        scalePpm: 1_000_000,
        risk: {
          perSlotMicros: 25_000_000,
          perAssetMicros: 50_000_000,
          totalMicros: 400_000_000,
          dailyLossMicros: 60_000_000,
          ordersPerMinute: 60,
          staleAfterMs: 3000,
          minEdgeMicros: 10_000,
          collarMicros: 50_000,
        },
        reload: {
          promotion: { type: "auto" },
          promotions: new Map(),
          probationWindows: 36,
          rehearsalWindowsMin: 0,
          onReload: "pin",
          pins: new Map(),
        },
      },
      webhook: null,
    });
  });

  it("becomes integers: money, prices, fractions and durations", () => {
    const spec = config({
      cycle: "500ms",
      cash: "12.345678",
      slots: [{ asset: "zec", interval: "15m", strategy: "regime", params: { trend: 0.3, fade: true } }],
      sizing: fractionalKelly({ fraction: 0.2, cap: "25.00" }),
      risk: { perSlot: "0.5", staleAfter: "2m", minEdge: 0.015, collar: 0.02 },
      promotion: { default: "auto", regime: "shadow:36 -> canary:2/48 -> approve" },
      probation: { windows: 12 },
      rehearsal: { minWindows: 288 },
      alarms: { webhook: "https://example.com/alarms" },
      onReload: "adopt",
    });
    const { cold, settings, webhook } = parse(JSON.parse(JSON.stringify(spec)));
    expect(cold).toMatchObject({ cycleMs: 500, cashMicros: 12_345_678 });
    expect(settings.slots[0]?.params).toEqual({ trend: 0.3, fade: true });
    expect(settings.sizing).toEqual({ type: "fractionalKelly", fractionPpm: 200_000, capMicros: 25_000_000 });
    expect(settings.risk).toMatchObject({
      perSlotMicros: 500_000,
      staleAfterMs: 120_000,
      minEdgeMicros: 15_000,
      collarMicros: 20_000,
    });
    expect(settings.reload.promotions.get("regime")).toEqual({
      type: "steps",
      steps: [{ type: "shadow", windows: 36 }, { type: "canary", slots: 2, windows: 48 }, { type: "approve" }],
    });
    expect(settings.reload).toMatchObject({ probationWindows: 12, rehearsalWindowsMin: 288, onReload: "adopt" });
    expect(webhook).toBe("https://example.com/alarms");
  });

  it("is gated by default on a live venue", () => {
    expect(parse({ venue: "polymarket", slots: [slot] }).settings.reload.promotion).toEqual({
      type: "steps",
      steps: [{ type: "shadow", windows: 36 }, { type: "approve" }],
    });
  });

  it("makes a typing mistake a compile error", () => {
    // @ts-expect-error the key is perSlot
    config({ slots: [], risk: { perSlt: "25.00" } });
    // @ts-expect-error money is text
    fixedStake(5);
    // @ts-expect-error there is no such asset
    config({ slots: [{ asset: "btcc", interval: "5m", strategy: "momentum" }] });
    // @ts-expect-error there is no such step
    config({ slots: [], promotion: { default: "shadw:36" } });
    expect(fixedStake("5.00")).toEqual({ type: "fixedStake", stake: "5.00" });
  });
});

describe("a mistake in the configuration is one error that says where, what is there and what is expected", () => {
  it.each([
    [[], "$", "$ is [], expected an object"],
    [{}, "$.slots", "$.slots is missing, expected a list of slots"],
    [{ slots: [] }, "$.slots", "$.slots is [], expected at least one slot"],
    [{ slots: [slot], slot: 1 }, "$.slot", '$.slot is not a known key (did you mean "slots"?)'],
    [{ slots: [slot], risk: { perSlt: "1.00" } }, "$.risk.perSlt", 'not a known key (did you mean "perSlot"?)'],
    [
      { slots: [slot], risk: { perSlot: 25 } },
      "$.risk.perSlot",
      "is 25, expected money as text with at most 6 decimals",
    ],
    [{ slots: [slot], risk: { total: "-1.00" } }, "$.risk.total", 'is "-1.00", expected money'],
    [{ slots: [slot], journal: { keep: "2d" } }, "$.journal.keep", 'is "2d", expected a number of days from 3d'],
    [{ slots: [slot], risk: { minEdge: 1.5 } }, "$.risk.minEdge", "is 1.5, expected a price in USDC from 0 to 1"],
    [{ slots: [slot], risk: { minEdge: 0.0100001 } }, "$.risk.minEdge", "at most 6 decimals"],
    [
      { slots: [slot], risk: { staleAfter: "3 s" } },
      "$.risk.staleAfter",
      'is "3 s", expected a duration from 100ms to 10m',
    ],
    [{ slots: [slot], cycle: "7s" }, "$.cycle", "expected a duration from 100ms to 60s that divides a minute"],
    [{ slots: [slot], cash: "1e3" }, "$.cash", 'is "1e3", expected money'],
    [
      { slots: [slot], venue: "polymarkt" },
      "$.venue",
      'expected one of simulated, polymarket (did you mean "polymarket"?)',
    ],
    [{ slots: [{ ...slot, asset: "btcc" }] }, "$.slots[0].asset", '(did you mean "btc"?)'],
    [{ slots: [{ ...slot, interval: "1h" }] }, "$.slots[0].interval", "expected one of 5m, 15m"],
    [
      { slots: [{ asset: "btc", interval: "5m" }] },
      "$.slots[0].strategy",
      "is missing, expected a strategy's file name",
    ],
    [{ slots: [{ ...slot, strategy: "../x" }] }, "$.slots[0].strategy", "expected a strategy's file name"],
    [
      { slots: [{ ...slot, params: { a: null } }] },
      "$.slots[0].params.a",
      "is null, expected a number, true, false or text",
    ],
    [
      { slots: [slot, { ...slot, params: { a: 1 } }] },
      "$.slots[1]",
      "is BTC-5m-momentum again, expected each slot once",
    ],
    [{ slots: [slot], sizing: "5.00" }, "$.sizing", 'is "5.00", expected fixedStake("5.00") or fractionalKelly'],
    [{ slots: [slot], sizing: { type: "kelly" } }, "$.sizing.type", "expected fixedStake"],
    [
      { slots: [slot], sizing: { type: "fractionalKelly", fraction: 2, cap: "1.00" } },
      "$.sizing.fraction",
      "above 0 and at most 1",
    ],
    [{ slots: [slot], promotion: { momentm: "auto" } }, "$.promotion.momentm", '(did you mean "momentum"?)'],
    [
      { slots: [slot], promotion: { default: "shadow:0" } },
      "$.promotion.default",
      'is "shadow:0", expected "auto", or steps',
    ],
    [
      { slots: [slot], venue: "polymarket", promotion: { default: "ungated" } },
      "$.promotion.default",
      "only the simulated venue",
    ],
    [{ slots: [slot], probation: { windows: 0 } }, "$.probation.windows", "is 0, expected an integer from 1 to 10000"],
    [{ slots: [slot], onReload: "keep" }, "$.onReload", "expected one of pin, adopt"],
  ])("%j", (json, where, message) => {
    const found = problem(json);
    expect(found.where).toBe(where);
    expect(found.message).toContain(message);
    expect(found.message).toMatch(/^Cannot use underway\.config\.ts: \$/);
  });
});

describe("a changed configuration", () => {
  const cold = (json: object) => parse({ slots: [slot], ...json }).cold;

  it("names the keys that are read only at start", () => {
    expect(coldChanges(cold({}), cold({ cycle: "2s", venue: "polymarket", cash: "5.00" }))).toEqual([
      "venue",
      "cycle",
      "cash",
    ]);
    expect(coldChanges(cold({}), cold({ feed: "binance", dataDir: "x" }))).toEqual(["feed", "dataDir"]);
    expect(coldChanges(cold({}), cold({ journal: { keep: "3d" } }))).toEqual(["journal"]);
  });

  it("names none when only hot keys differ, or the same value is written differently", () => {
    expect(coldChanges(cold({}), cold({ cycle: "1000ms", onReload: "adopt", risk: { perSlot: "1.00" } }))).toEqual([]);
  });
});
