import { describe, expect, test } from "vitest";
import type { Control } from "../../../control/control-schema.ts";
import { commandsOf, layControl } from "../../../control/run/lay-control.ts";
import type { SlotId } from "../../../engine/base/ids.ts";
import { aSlot, RELOAD, settingsWith } from "../../support/settings.ts";

const BTC = { ...aSlot("btc"), params: { trigger: 2, size: 1 } };
const TREND = aSlot("btc", "trend", "15m");
const SETTINGS = settingsWith({
  slots: [BTC, TREND],
  disabledSlots: new Set([BTC.id]),
  disabledStrategies: new Set(["trend"]),
});
const laid = (control: Omit<Control, "version">) => layControl(SETTINGS, { version: 1, ...control });

describe("what is in force", () => {
  test("is the configuration without a control file, and where it says nothing", () => {
    expect(layControl(SETTINGS, null)).toBe(SETTINGS);
    expect(laid({})).toEqual(SETTINGS);
    expect(laid({ sizing: {}, strategies: { momentum: {} }, slots: { [BTC.id]: {} } })).toEqual(SETTINGS);
  });

  test("is the control file's mode and scale where it has them, a scale of nothing too", () => {
    expect(laid({ mode: "halted", sizing: { scale: 0.3333333 } })).toMatchObject({ mode: "halted", scalePpm: 333_333 });
    expect(laid({ sizing: { scale: 0 } }).scalePpm).toBe(0);
  });

  test("has the strategy's params over those of every slot of it, one by one, and over no other's", () => {
    const slots = laid({ strategies: { momentum: { params: { trigger: 3, fast: true } } } }).slots;
    expect(slots.map(({ params }) => params)).toEqual([{ trigger: 3, size: 1, fast: true }, {}]);
  });

  test("switches slots and strategies off and on again", () => {
    const { disabledSlots, disabledStrategies } = laid({
      slots: { [BTC.id]: { enabled: true }, [TREND.id]: { enabled: false } },
      strategies: { trend: { enabled: true }, momentum: { enabled: false } },
    });
    expect([...disabledSlots]).toEqual([TREND.id]);
    expect([...disabledStrategies]).toEqual(["momentum"]);
  });

  test("has the promotion and the pin of a strategy over the configuration's, where it says one", () => {
    const SHADOW = { type: "steps", steps: [{ type: "shadow", windows: 36 }, { type: "approve" }] } as const;
    const reload = {
      ...RELOAD,
      promotions: new Map([["momentum", SHADOW]]),
      pins: new Map([["momentum", "momentum@00000000"]]),
    };
    const over = (strategies: Control["strategies"]) =>
      layControl(settingsWith({ reload }), { version: 1, strategies }).reload;
    expect(over({ momentum: { promotion: null, pin: null }, trend: { enabled: true } })).toEqual(reload);
    expect(
      over({
        momentum: { promotion: "auto", pin: "momentum@3f9a2c1e" },
        trend: { promotion: "shadow:36 -> approve", pin: "trend@8b41d07e" },
      }),
    ).toEqual({
      ...reload,
      promotions: new Map<string, unknown>([
        ["momentum", { type: "auto" }],
        ["trend", SHADOW],
      ]),
      pins: new Map([
        ["momentum", "momentum@3f9a2c1e"],
        ["trend", "trend@8b41d07e"],
      ]),
    });
    expect(reload.promotions.size).toBe(1);
  });

  test("leaves the configuration as it was", () => {
    const before = structuredClone(SETTINGS);
    laid({
      mode: "halted",
      slots: { [BTC.id]: { enabled: true } },
      strategies: { momentum: { params: { trigger: 9 } } },
    });
    expect(SETTINGS).toEqual(before);
  });
});

test("commands go to the core as they are written", () => {
  const commands = [
    { id: "1", kind: "close-position" as const, slot: BTC.id as SlotId },
    { id: "2", kind: "clear-latch" as const, latch: "clock-step", reason: "checked" },
    { id: "3", kind: "ack-alarm" as const, alarm: 4 },
    { id: "4", kind: "approve" as const, strategy: "momentum", code: "a", params: "b" },
    { id: "5", kind: "rollback" as const, strategy: "momentum" },
  ];
  expect(commandsOf({ version: 1, commands })).toEqual(commands);
  expect(commandsOf({ version: 1 })).toEqual([]);
});
