import { describe, expect, test } from "vitest";
import { applySetting, parseSetting } from "../../control/setting.ts";

describe("a setting is a path and a value", () => {
  test.each<[string, unknown]>([
    ["sizing.scale=0.5", { version: 1, sizing: { scale: 0.5 } }],
    ["strategies.momentum.params.trigger=3", { version: 1, strategies: { momentum: { params: { trigger: 3 } } } }],
    [
      "strategies.momentum.params.style=slow=er",
      { version: 1, strategies: { momentum: { params: { style: "slow=er" } } } },
    ],
    ['strategies.momentum.params.style="3"', { version: 1, strategies: { momentum: { params: { style: "3" } } } }],
    ["strategies.momentum.params.style=5m", { version: 1, strategies: { momentum: { params: { style: "5m" } } } }],
    ["strategies.momentum.enabled=false", { version: 1, strategies: { momentum: { enabled: false } } }],
    [
      "strategies.momentum.promotion=shadow:36 -> approve",
      { version: 1, strategies: { momentum: { promotion: "shadow:36 -> approve" } } },
    ],
    ["strategies.momentum.promotion=auto", { version: 1, strategies: { momentum: { promotion: "auto" } } }],
    [
      "strategies.momentum.pin=momentum@3f9a2c1e",
      { version: 1, strategies: { momentum: { pin: "momentum@3f9a2c1e" } } },
    ],
    ["slots.BTC-5m-momentum.enabled=true", { version: 1, slots: { "BTC-5m-momentum": { enabled: true } } }],
  ])("%s", (text, control) => {
    expect(applySetting({ version: 1 }, parseSetting(text))).toEqual(control);
  });

  test("null takes one away and leaves its neighbours", () => {
    const control = { version: 1, strategies: { momentum: { enabled: true, params: { trigger: 3, span: 2 } } } };
    expect(applySetting(control, parseSetting("strategies.momentum.params.trigger=null"))).toEqual({
      version: 1,
      strategies: { momentum: { enabled: true, params: { span: 2 } } },
    });
  });
});

describe("what is no setting is a usage error", () => {
  test.each([
    ["sizing.scale", /expected path=value/],
    ["=1", /expected path=value/],
    ["sizing.scal=1", /did you mean "sizing.scale"/],
    ["strategies.momentum.parms.trigger=1", /did you mean "strategies.momentum.params.trigger"/],
    ["strategies.momentum.promotoin=auto", /did you mean "strategies.momentum.promotion"/],
    ["slots..enabled=true", /not a setting/],
    ["version=3", /not a setting/],
  ])("%s", (text, message) => {
    expect(() => parseSetting(text)).toThrow(
      expect.objectContaining({ code: "usage", message: expect.stringMatching(message) }),
    );
  });
});
