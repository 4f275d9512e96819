// Ids are functions of what they name: the same intent has the same id for ever.
import { expect, test } from "vitest";
import type { CodeVersion } from "../../../engine/base/ids.ts";
import { clientOrderId, marketId, shortVersion, slotId } from "../../../engine/base/ids.ts";

const OPEN_MS = 1_780_876_500_000;

test("a slot is named by asset, interval and strategy", () => {
  expect(slotId("btc", "5m", "momentum")).toBe("BTC-5m-momentum");
});

test("a market is named as the venue names it", () => {
  expect(marketId("btc", "5m", OPEN_MS)).toBe("btc-updown-5m-1780876500");
});

test("an order is named by slot, window, cycle and leg, so that no two intents share an id", () => {
  const slot = slotId("btc", "5m", "momentum");
  expect(clientOrderId(slot, OPEN_MS, 120_431, "entry")).toBe("BTC-5m-momentum/1780876500/120431/entry");
  const others = [
    clientOrderId(slot, OPEN_MS, 120_431, "exit"),
    clientOrderId(slot, OPEN_MS, 120_432, "entry"),
    clientOrderId(slot, OPEN_MS + 300_000, 120_431, "entry"),
    clientOrderId(slotId("eth", "5m", "momentum"), OPEN_MS, 120_431, "entry"),
  ];
  expect(new Set([clientOrderId(slot, OPEN_MS, 120_431, "entry"), ...others]).size).toBe(5);
});

test("a code version is shown as strategy and eight digits", () => {
  expect(shortVersion("momentum", "3f9a2c1e".padEnd(64, "0") as CodeVersion)).toBe("momentum@3f9a2c1e");
});
