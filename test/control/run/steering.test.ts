import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseConfig } from "../../../control/config.ts";
import { digestOf } from "../../../control/control-file.ts";
import { Conditions } from "../../../control/run/conditions.ts";
import { Steering } from "../../../control/run/steering.ts";
import type { Json } from "../../../engine/base/canonical-json.ts";
import type { EngineEvent } from "../../../engine/event.ts";
import type { ControlRow } from "../../../engine/store/tables.ts";
import type { EvaluatedConfig, SourceError } from "../../../engine/versions/port.ts";
import { stubTypes } from "../../support/stub-rehearsal.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

type Accepted = Extract<EngineEvent, { type: "SettingsAccepted" }>;

const BTC = { asset: "btc", interval: "5m", strategy: "momentum", params: { trigger: 2 } };
const ETH = { asset: "eth", interval: "5m", strategy: "momentum" };
const TREND = { asset: "btc", interval: "15m", strategy: "trend" };
const CONFIG = { slots: [BTC, ETH, TREND] };

/** Steering over a folder of its own; what the configuration evaluates to is said by the test. */
function steer({ config = CONFIG, stored = null }: { config?: Json; stored?: ControlRow | null } = {}) {
  const controlPath = join(temporaryFolder(), "control.json");
  const posted: Accepted[] = [];
  /** What the core is told of configurations, besides their settings. */
  const told: EngineEvent[] = [];
  const reloads: string[] = [];
  const log: string[] = [];
  const conditions = new Conditions(() => 0);
  const evaluatedTo = (value: Json): EvaluatedConfig => ({ type: "Evaluated", value, sources: {}, digest: "" });
  let evaluated = evaluatedTo(config);
  let typeErrors: readonly SourceError[] = [];
  let receipts = 0;
  const unused = () => Promise.reject(new Error("Not asked for here"));
  const steering = new Steering(parseConfig(config, "underway.config.ts"), stored, {
    controlPath,
    config: {
      file: "underway.config.ts",
      workshop: { prepare: unused, restore: unused, evaluateConfig: async () => evaluated, close: async () => {} },
      types: stubTypes(async () => typeErrors),
      nextReceiptId: (name) => `${name}-${++receipts}`,
      monotonicMs: () => 0,
      wallMs: () => 0,
    },
    conditions,
    post: (event) => void (event.type === "SettingsAccepted" ? posted : told).push(event as never),
    declaredParams: (strategy) => (strategy === "momentum" ? ["trigger", "size"] : null),
    requestReload: (strategy) => void reloads.push(strategy),
    log: (level, message) => void log.push(`${level}: ${message}`),
  });
  const write = (text: string) => writeFileSync(controlPath, text);
  return {
    steering,
    posted,
    told,
    reloads,
    log,
    conditions,
    write,
    remove: () => rmSync(controlPath),
    control: async (content: object) => {
      write(JSON.stringify(content));
      await steering.lookAtControl();
    },
    configure: async (value: Json) => {
      evaluated = evaluatedTo(value);
      await steering.lookAtConfig();
    },
    refuseConfig: async (error: SourceError) => {
      evaluated = { type: "Refused", errors: [error] };
      await steering.lookAtConfig();
    },
    mistype: async (value: Json, error: SourceError) => {
      typeErrors = [error];
      evaluated = evaluatedTo(value);
      await steering.lookAtConfig();
    },
    /** The boundary, at which the core takes what was posted last. */
    boundary: (cycle: number) => steering.inForce(posted.at(-1)?.settings ?? steering.settings, cycle),
    condition: (type: string) => conditions.all.find((condition) => condition.type === type),
  };
}

const paramsOf = (steering: Steering) => steering.settings.slots.map(({ params }) => params);

describe("control.json", () => {
  test("is acknowledged when it is accepted, and applied when a cycle has begun with it", async () => {
    const bot = steer();
    await bot.control({ version: 3, author: "ops", mode: "reduce-only", sizing: { scale: 0.5 } });
    expect(bot.steering.observed).toMatchObject({ version: 3, result: "Ack", error: null });
    expect(bot.steering.applied).toBeNull();
    expect(bot.posted).toMatchObject([
      {
        settings: { mode: "reduce-only", scalePpm: 500_000 },
        control: { version: 3, digest: bot.steering.observed.digest },
        author: "ops",
      },
    ]);
    bot.steering.inForce(parseConfig(CONFIG, "").settings, 6);
    expect(bot.steering.applied).toBeNull();
    bot.boundary(7);
    bot.boundary(8);
    expect(bot.steering.applied).toMatchObject({ version: 3, cycle: 7, control: { author: "ops" } });
  });

  test.each([
    ["Torn", "{", "$", null],
    ["UnknownField", '{"version":2,"sizing":{"scael":1}}', "$.sizing.scael", 2],
    ["Invalid", '{"version":2,"mode":"fast"}', "$.mode", 2],
    ["LowerVersion", '{"version":0.5}', "$.version", null],
    ["UnknownStrategy", '{"version":2,"strategies":{"momentun":{}}}', "$.strategies.momentun", 2],
    [
      "UnknownParam",
      '{"version":2,"strategies":{"momentum":{"params":{"tigger":1}}}}',
      "$.strategies.momentum.params.tigger",
      2,
    ],
    ["UnknownSlot", '{"version":2,"slots":{"BTC-5m-trend":{"enabled":false}}}', '$.slots["BTC-5m-trend"]', 2],
  ])("that is %s is refused whole, with its path, and what is in force stays", async (code, text, path, version) => {
    const bot = steer();
    await bot.control({ version: 1, mode: "entries-stopped" });
    const { settings } = bot.steering;
    bot.write(text);
    await bot.steering.lookAtControl();
    const expected = code === "LowerVersion" ? "Invalid" : code;
    expect(bot.steering.observed).toMatchObject({ result: "Nack", version, digest: digestOf(text) });
    expect(bot.steering.observed.error).toMatchObject({ code: expected, path });
    expect(bot.steering.settings).toBe(settings);
    expect(bot.posted).toHaveLength(1);
    expect(bot.condition("ControlAccepted")).toMatchObject({ status: "False", reason: expected });
    expect(bot.log.at(-1)).toContain("version 1 stays in force");
  });

  test.each([
    ["LowerVersion", { version: 4 }],
    ["SameVersionDifferentContent", { version: 5, mode: "halted" }],
  ])("of a version that is used up is refused: %s", async (code, content) => {
    const bot = steer();
    await bot.control({ version: 5 });
    await bot.control(content);
    expect(bot.steering.observed).toMatchObject({ result: "Nack", error: { code, path: "$.version" } });
    expect(bot.posted).toHaveLength(1);
  });

  test("that is refused again and again is told once", async () => {
    const bot = steer();
    bot.write("{");
    for (let look = 0; look < 3; look++) await bot.steering.lookAtControl();
    expect(bot.log).toHaveLength(1);
    expect(bot.log[0]).toContain("the configuration stays in force");
  });

  test("that is there again as it was accepted is acknowledged again, and does nothing twice", async () => {
    const bot = steer();
    const content = { version: 5, commands: [{ id: "c1", kind: "ack-alarm", alarm: 1 }] };
    await bot.control(content);
    bot.write("{");
    await bot.steering.lookAtControl();
    await bot.control(content);
    expect(bot.steering.observed).toMatchObject({ version: 5, result: "Ack", error: null });
    expect(bot.condition("ControlAccepted")?.status).toBe("True");
    expect(bot.posted).toHaveLength(1);
  });

  test("that is gone changes nothing", async () => {
    const bot = steer();
    await bot.control({ version: 5, mode: "halted" });
    const { observed } = bot.steering;
    bot.remove();
    await bot.steering.lookAtControl();
    expect(bot.steering.settings.mode).toBe("halted");
    expect(bot.steering.observed).toBe(observed);
    expect(bot.posted).toHaveLength(1);
  });

  test("hands its commands to the core", async () => {
    const bot = steer();
    const command = { id: "c1", kind: "close-position", slot: "BTC-5m-momentum" };
    await bot.control({ version: 1, commands: [command] });
    expect(bot.posted[0]?.commands).toEqual([command]);
    await bot.configure(CONFIG);
    expect(bot.posted[1]).toMatchObject({ commands: [], control: null });
  });

  test("with other params asks for a reload of exactly the strategies concerned", async () => {
    const bot = steer();
    await bot.control({ version: 1, mode: "entries-stopped", slots: { "BTC-5m-momentum": { enabled: false } } });
    expect(bot.reloads).toEqual([]);
    await bot.control({ version: 2, strategies: { momentum: { params: { trigger: 3 } }, trend: { enabled: false } } });
    expect(bot.reloads).toEqual(["momentum"]);
    await bot.control({ version: 3, strategies: { momentum: { params: { trigger: 3 } } } });
    expect(bot.reloads).toEqual(["momentum"]);
    await bot.control({ version: 4 });
    expect(bot.reloads).toEqual(["momentum", "momentum"]);
    expect(paramsOf(bot.steering)).toEqual([{ trigger: 2 }, {}, {}]);
  });

  test("that pins a strategy, or unpins it, asks for a reload of it", async () => {
    const bot = steer();
    await bot.control({ version: 1, strategies: { momentum: { pin: "momentum@aaaaaaaa" } } });
    expect(bot.reloads).toEqual(["momentum"]);
    await bot.control({ version: 2, strategies: { momentum: { pin: null } } });
    expect(bot.reloads).toEqual(["momentum", "momentum"]);
  });
});

describe("a restart", () => {
  const stored = (content: object): ControlRow => {
    const text = JSON.stringify(content);
    return { version: 9, digest: digestOf(text), content: text, appliedCycle: 41, atMs: 0 };
  };
  const KEPT = { version: 9, mode: "flatten", strategies: { momentum: { params: { trigger: 4 } } } };

  test("keeps in force what was applied before, though the file is gone", async () => {
    const bot = steer({ stored: stored(KEPT) });
    await bot.steering.lookAtControl();
    expect(bot.steering.settings.mode).toBe("flatten");
    expect(paramsOf(bot.steering)).toEqual([{ trigger: 4 }, { trigger: 4 }, {}]);
    expect(bot.steering.observed).toMatchObject({ version: 9, result: "Ack" });
    expect(bot.steering.applied).toMatchObject({ version: 9, cycle: 41, control: KEPT });
    bot.boundary(50);
    expect(bot.steering.applied?.cycle).toBe(41);
  });

  test("takes the same file as known, a newer one as new, and refuses an older one", async () => {
    const bot = steer({ stored: stored(KEPT) });
    await bot.control(KEPT);
    expect(bot.posted).toEqual([]);
    await bot.control({ version: 8 });
    expect(bot.steering.observed).toMatchObject({ result: "Nack", error: { code: "LowerVersion" } });
    await bot.control({ version: 10 });
    expect(bot.posted).toMatchObject([{ settings: { mode: "active" }, control: { version: 10 } }]);
    expect(bot.reloads).toEqual(["momentum"]);
  });

  test("says so when it cannot read any more what was in force", () => {
    const bot = steer({ stored: stored({ version: 9, mood: "flatten" }) });
    expect(bot.steering.settings.mode).toBe("active");
    expect(bot.condition("ControlAccepted")).toMatchObject({
      status: "False",
      reason: "UnknownField",
      observedVersion: 9,
    });
    expect(bot.log[0]).toContain("$.mood");
  });
});

describe("the configuration", () => {
  test("is taken whole when only hot parts of it changed", async () => {
    const bot = steer();
    await bot.configure({ slots: [BTC], sizing: { type: "fixedStake", stake: "7.00" }, risk: { total: "90.00" } });
    expect(bot.posted).toMatchObject([
      {
        control: null,
        author: "underway.config",
        receipt: { id: "underway.config-1", strategy: "underway.config", cause: "config", state: "armed" },
        settings: { sizing: { stakeMicros: 7_000_000 }, risk: { totalMicros: 90_000_000 } },
      },
    ]);
    expect(bot.steering.settings).toBe(bot.posted[0]?.settings);
    expect(bot.steering.settings.slots.map(({ id }) => id)).toEqual(["BTC-5m-momentum"]);
    expect(bot.condition("ConfigAccepted")?.status).toBe("True");
    expect(bot.told).toMatchObject([{ type: "CandidateSuperseded", strategy: "underway.config" }]);
  });

  test("is refused whole when a part of it can only change with a restart, until that part is as it was", async () => {
    const bot = steer();
    const { settings } = bot.steering;
    await bot.configure({ slots: [BTC], cash: "5.00", cycle: "2s", risk: { total: "90.00" } });
    expect(bot.posted).toEqual([]);
    expect(bot.steering.settings).toBe(settings);
    expect(bot.condition("ConfigAccepted")).toMatchObject({
      status: "False",
      reason: "RestartRequired",
      message: "cycle, cash can only change with a restart",
    });
    const receipt = { state: "rejected", stage: "gated", reasons: ["cycle, cash can only change with a restart"] };
    expect(bot.told).toMatchObject([{ type: "CandidateRefused", receipt }]);
    await bot.configure({ slots: [BTC], risk: { total: "90.00" } });
    expect(bot.posted).toHaveLength(1);
    expect(bot.condition("ConfigAccepted")?.status).toBe("True");
  });

  test("with a mistake is refused with its place, and changes nothing", async () => {
    const bot = steer();
    await bot.configure({ slots: [BTC], risk: { totl: "90.00" } });
    expect(bot.condition("ConfigAccepted")).toMatchObject({ status: "False", reason: "Invalid" });
    expect(bot.log.at(-1)).toContain("$.risk.totl");
    const broken = { file: "underway.config.ts", line: 3, column: 7, message: "Unexpected }", frame: null };
    await bot.refuseConfig(broken);
    expect(bot.log.at(-1)).toBe("error: Configuration refused: underway.config.ts:3:7 Unexpected }");
    await bot.refuseConfig({ ...broken, line: 0, column: 0, message: "It is not there" });
    expect(bot.log.at(-1)).toBe("error: Configuration refused: It is not there");
    expect(bot.posted).toEqual([]);
    const stages = bot.told.map((event) => event.type === "CandidateRefused" && event.receipt.stage);
    expect(stages).toEqual(["loaded", "bundled", "bundled"]);
  });

  test("with a type error is refused before it is read", async () => {
    const bot = steer();
    const error = { file: "underway.config.ts", line: 4, column: 2, message: "stakes does not exist", frame: null };
    await bot.mistype({ slots: [BTC], risk: { totl: "90.00" } }, error);
    const receipt = { stage: "type-checked", reasons: ["underway.config.ts:4:2 stakes does not exist"] };
    expect(bot.told).toMatchObject([{ type: "CandidateRefused", receipt }]);
    expect(bot.posted).toEqual([]);
  });

  test("stays under control.json: what that does not say is the configuration's", async () => {
    const bot = steer();
    await bot.control({ version: 1, mode: "reduce-only", strategies: { momentum: { params: { size: 1 } } } });
    await bot.configure({ slots: [{ ...BTC, params: { trigger: 5 } }, ETH, TREND] });
    expect(paramsOf(bot.steering)).toEqual([{ trigger: 5, size: 1 }, { size: 1 }, {}]);
    expect(bot.steering.settings.mode).toBe("reduce-only");
    bot.boundary(3);
    expect(bot.steering.applied).toMatchObject({ version: 1, cycle: 3 });
  });

  test("with other params asks for a reload of the strategies concerned at once", async () => {
    const bot = steer();
    await bot.configure({ slots: [{ ...BTC, params: { trigger: 5 } }, ETH, TREND] });
    expect(bot.reloads).toEqual(["momentum"]);
  });

  test("with a new slot asks for its code once the core has the slot, for before that nothing can be armed", async () => {
    const bot = steer();
    await bot.configure({ slots: [BTC, ETH, TREND, { ...TREND, asset: "eth" }] });
    expect(bot.reloads).toEqual([]);
    bot.boundary(5);
    bot.boundary(6);
    expect(bot.reloads).toEqual(["trend"]);
  });

  test("asks for the code of a slot that was gone for a moment only, too", async () => {
    const bot = steer();
    await bot.configure({ slots: [BTC, TREND] });
    await bot.configure(CONFIG);
    bot.boundary(5);
    expect(bot.reloads.at(-1)).toBe("momentum");
  });
});
