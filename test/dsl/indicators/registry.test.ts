import { describe, expect, test } from "vitest";
import type { Options } from "../../../dsl/indicators/input-kind.ts";
import { candleIntervalOf, checkInput, INPUT_KINDS } from "../../../dsl/indicators/registry.ts";

const check = (kind: string, options: Options = {}): string | null => checkInput("rsi", { kind, options });

describe("a declared input is refused with what, where and what was expected", () => {
  test.each<[string, Options, string]>([
    ["ta.rsi", { period: 0 }, "inputs.rsi: ta.rsi period is 0, expected an integer from 2 to 500"],
    ["ta.rsi", { period: 2.5 }, "inputs.rsi: ta.rsi period is 2.5, expected an integer from 2 to 500"],
    ["ta.rsi", { period: Number.NaN }, "inputs.rsi: ta.rsi period is NaN, expected an integer from 2 to 500"],
    ["ta.rsi", { period: "14" }, 'inputs.rsi: ta.rsi period is "14", expected an integer from 2 to 500'],
    ["ta.rsi", { history: 501 }, "inputs.rsi: ta.rsi history is 501, expected an integer from 1 to 500"],
    ["ta.rsi", { forming: 1 }, "inputs.rsi: ta.rsi forming is 1, expected true or false"],
    ["ta.rsi", { interval: "2m" }, 'inputs.rsi: ta.rsi interval is "2m", expected one of 10s, 1m, 5m, 15m, 1h'],
    [
      "ta.rsi",
      { perod: 14 },
      'inputs.rsi: ta.rsi option "perod" is unknown, expected one of interval, period, history, forming',
    ],
    ["ta.sma", {}, "inputs.rsi: ta.sma period is missing, expected an integer from 2 to 500"],
    ["ta.bollinger", { deviations: 0 }, "inputs.rsi: ta.bollinger deviations is 0, expected a number from 0.1 to 10"],
    ["ta.macd", { fast: 26, slow: 12 }, "inputs.rsi: ta.macd fast is 26, expected less than slow, which is 12"],
    ["candles", { depth: 501 }, "inputs.rsi: candles depth is 501, expected an integer from 1 to 500"],
    [
      "market.volatility",
      { window: "5m", step: "5m" },
      "inputs.rsi: market.volatility window is 5m, expected at least 5 times step, which is 5m",
    ],
    ["market.spread", { depth: 1 }, 'inputs.rsi: market.spread option "depth" is unknown, expected no options'],
  ])("%s %j", (kind, options, message) => expect(check(kind, options)).toBe(message));

  test.each(["ta.foo", "", "constructor", "__proto__"])('kind "%s" is unknown', (kind) => {
    expect(check(kind)).toMatch(`inputs.rsi: kind "${kind}" is unknown, expected one of candles, ta.sma, `);
  });
});

test("limits are inclusive", () => {
  expect(check("ta.rsi", { period: 2, history: 1 })).toBeNull();
  expect(check("ta.rsi", { period: 500, history: 500 })).toBeNull();
});

test("each kind can be made at both ends of each of its options", () => {
  let made = 0;
  for (const [name, kind] of Object.entries(INPUT_KINDS)) {
    for (const [option, spec] of Object.entries(kind.options)) {
      const ends = "min" in spec ? [spec.min, spec.max] : "of" in spec ? spec.of : [true, false];
      for (const end of ends) {
        const options = { ...(name === "ta.sma" || name === "ta.ema" ? { period: 20 } : {}), [option]: end };
        if (check(name, options) !== null) continue;
        const indicator = kind.create(options);
        expect(Number.isInteger(indicator?.warmup ?? 1)).toBe(true);
        expect(Number.isInteger(indicator?.stable ?? 1)).toBe(true);
        made++;
      }
    }
  }
  expect(made).toBeGreaterThan(200);
});

test.each<[string, Options, string | null]>([
  ["ta.rsi", { interval: "5m" }, "5m"],
  ["ta.rsi", {}, "1m"],
  ["funding.z", {}, "1h"],
  ["candles", { interval: "15m" }, "15m"],
  ["market.volatility", { step: "1m" }, "1m"],
  ["market.probabilityUp", {}, "10s"],
  ["market.imbalance", {}, null],
  ["market.spread", {}, null],
])("%s %j is fed from %s candles", (kind, options, interval) => {
  expect(candleIntervalOf({ kind, options })).toBe(interval);
});
