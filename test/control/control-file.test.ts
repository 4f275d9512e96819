import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { checkAgainst, judge, readControl } from "../../control/control-file.ts";
import { CONTROL_BYTES_MAX } from "../../control/control-schema.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

async function read(content: string | Uint8Array) {
  const path = join(temporaryFolder(), "control.json");
  writeFileSync(path, content);
  return readControl(path);
}

const HASH = "3f9a2c1e".repeat(8);
const close = { id: "a", kind: "close-position", slot: "BTC-5m-momentum" };
const approve = { id: "a", kind: "approve" as const, strategy: "momentum", code: HASH, params: HASH };

describe("a control file is refused whole", () => {
  const many = Array.from({ length: 201 }, (_, i) => ({ ...close, id: String(i) }));
  test.each<[name: string, content: string | object, code: string, path: string, message: RegExp]>([
    ["half a file", '{"version": 7, "mo', "Torn", "$", /not JSON/],
    ["nothing", "", "Torn", "$", /not JSON/],
    ["a hidden key", '{"version":1,"strategies":{"__proto__":{}}}', "Torn", "$", /__proto__/],
    ["more than 64 KiB", " ".repeat(CONTROL_BYTES_MAX + 1), "Oversized", "$", /65536 bytes/],
    ["a list", [], "Invalid", "$", /\[\] is not an object/],
    ["no version", {}, "Invalid", "$.version", /is missing, expected a number/],
    ["version zero", { version: 0 }, "Invalid", "$.version", /0 is not above 0/],
    ["half a version", { version: 1.5 }, "Invalid", "$.version", /1\.5 is not an integer/],
    ["a mistyped field", { version: 1, sizng: { scale: 1 } }, "UnknownField", "$.sizng", /did you mean "sizing"/],
    [
      "a mistyped field inside",
      { version: 1, sizing: { scal: 0.5 } },
      "UnknownField",
      "$.sizing.scal",
      /did you mean "scale"/,
    ],
    ["a scale above one", { version: 1, sizing: { scale: 1.5 } }, "Invalid", "$.sizing.scale", /^1\.5 is above 1$/],
    [
      "a mistyped mode",
      { version: 1, mode: "haltd" },
      "Invalid",
      "$.mode",
      /"haltd" is not one of active,.*did you mean "halted"/,
    ],
    [
      "text for a switch",
      { version: 1, slots: { "BTC-5m-momentum": { enabled: "no" } } },
      "Invalid",
      '$.slots["BTC-5m-momentum"].enabled',
      /"no" is not true or false/,
    ],
    [
      "a list as a param",
      { version: 1, strategies: { m: { params: { k: [1] } } } },
      "Invalid",
      "$.strategies.m.params.k",
      /\[1\] is not a number/,
    ],
    [
      "an infinite param",
      '{"version":1,"strategies":{"m":{"params":{"k":1e999}}}}',
      "Invalid",
      "$.strategies.m.params.k",
      /is not a number/,
    ],
    [
      "a mistyped field of a strategy",
      { version: 1, strategies: { m: { promotoin: "auto" } } },
      "UnknownField",
      "$.strategies.m.promotoin",
      /did you mean "promotion"/,
    ],
    [
      "a way to promote that is none",
      { version: 1, strategies: { m: { promotion: "shadow -> approve" } } },
      "Invalid",
      "$.strategies.m.promotion",
      /"shadow -> approve" is not a way to promote, expected "auto", or steps like "shadow:36 -> canary:2\/48 -> approve"$/,
    ],
    [
      "a pin without a version",
      { version: 1, strategies: { m: { pin: "v14" } } },
      "Invalid",
      "$.strategies.m.pin",
      /"v14" is not a version, expected one like "momentum@3f9a2c1e"$/,
    ],
    [
      "an approval of a short hash",
      { version: 1, commands: [{ ...approve, code: "3f9a2c1e" }] },
      "Invalid",
      "$.commands[0].code",
      /"3f9a2c1e" is not a full hash, expected all 64 hex digits: strategies\[\]\.candidate\.code in status\.json$/,
    ],
    [
      "an approval of short params",
      { version: 1, commands: [{ ...approve, params: `${HASH}+0b4d77aa` }] },
      "Invalid",
      "$.commands[0].params",
      /all 64 hex digits of each: strategies\[\]\.candidate\.params in status\.json$/,
    ],
    [
      "an approval without params",
      { version: 1, commands: [{ ...approve, params: undefined }] },
      "Invalid",
      "$.commands[0].params",
      /is missing, expected text/,
    ],
    [
      "an unknown command",
      { version: 1, commands: [{ id: "a", kind: "aprove" }] },
      "Invalid",
      "$.commands[0].kind",
      /"aprove" is not a kind of command: expected close-position, .*, rollback \(did you mean "approve"\?\)/,
    ],
    ["a command that is none", { version: 1, commands: [3] }, "Invalid", "$.commands[0]", /3 is not an object/],
    [
      "a latch cleared without a reason",
      { version: 1, commands: [{ id: "a", kind: "clear-latch", latch: "halt", reason: "" }] },
      "Invalid",
      "$.commands[0].reason",
      /is empty/,
    ],
    ["a command id twice", { version: 1, commands: [close, close] }, "Invalid", "$.commands", /used twice/],
    ["too many commands", { version: 1, commands: many }, "Invalid", "$.commands", /more than 200 entries/],
    ["an endless reason", { version: 1, reason: "x".repeat(501) }, "Invalid", "$.reason", /longer than 500/],
  ])("%s", async (_name, content, code, path, message) => {
    const nack = await read(typeof content === "string" ? content : JSON.stringify(content));
    expect(nack).toMatchObject({ type: "Nack", error: { code, path } });
    expect(nack.type === "Nack" && nack.error.message).toMatch(message);
  });

  test("bytes that are not UTF-8", async () => {
    expect(await read(Uint8Array.of(0x7b, 0xff, 0x7d))).toMatchObject({ type: "Nack", error: { code: "Torn" } });
  });

  test("a folder in its place", async () => {
    expect(await readControl(temporaryFolder())).toMatchObject({ type: "Nack", error: { code: "Unreadable" } });
  });

  test("a refused file still tells its version and digest", async () => {
    const nack = await read('{"version": 8, "moed": "active"}');
    expect(nack).toMatchObject({ version: 8, digest: expect.stringMatching(/^[0-9a-f]{64}$/) });
  });
});

test("an absent file is no refusal", async () => {
  expect(await readControl(join(temporaryFolder(), "control.json"))).toEqual({ type: "Absent" });
});

test("everything that can be said is read, with the digest of the bytes", async () => {
  const control = {
    version: 7,
    author: "ops",
    reason: "calm down",
    mode: "reduce-only",
    sizing: { scale: 0.5 },
    strategies: {
      momentum: { enabled: true, params: { trigger: 3, deep: true, style: "slow" }, pin: null, promotion: null },
      regime: { pin: "regime@3f9a2c1e", promotion: "shadow:36 -> canary:2/48 -> approve" },
    },
    slots: { "BTC-5m-momentum": { enabled: false } },
    commands: [
      close,
      { id: "b", kind: "clear-latch", latch: "halt", reason: "checked" },
      { id: "c", kind: "ack-alarm", alarm: 3 },
      { ...approve, id: "d" },
      { ...approve, id: "e", kind: "reject", params: `${HASH}+${HASH}` },
      { id: "f", kind: "promote", strategy: "momentum" },
      { id: "g", kind: "rollback", strategy: "momentum" },
    ],
  };
  expect(await read(JSON.stringify(control))).toEqual({
    type: "Read",
    control,
    digest: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
});

test("a byte order mark is no content", async () => {
  expect(await read('\uFEFF{"version":1}')).toMatchObject({ type: "Read", control: { version: 1 } });
});

describe("against the last accepted file", () => {
  const at = (version: number, digest: string) => ({ type: "Read", control: { version }, digest }) as const;
  const last = { version: 7, digest: "seven" };

  test("the first file is taken at any version", () => expect(judge(at(3, "x"), null)).toEqual(at(3, "x")));
  test("a higher version is taken", () => expect(judge(at(9, "nine"), last)).toEqual(at(9, "nine")));
  test("the same file again is nothing new", () => expect(judge(at(7, "seven"), last)).toEqual({ type: "Unchanged" }));
  test("a lower version is refused", () => {
    expect(judge(at(6, "six"), last)).toMatchObject({
      type: "Nack",
      version: 6,
      digest: "six",
      error: { code: "LowerVersion", path: "$.version", message: expect.stringContaining("use 8 or higher") },
    });
  });
  test("the same version with other content is refused", () => {
    expect(judge(at(7, "other"), last)).toMatchObject({
      type: "Nack",
      version: 7,
      error: { code: "SameVersionDifferentContent", path: "$.version" },
    });
  });
  test("an absent file changes nothing", () => expect(judge({ type: "Absent" }, last)).toEqual({ type: "Absent" }));
});

describe("against what exists", () => {
  const known = {
    strategies: new Map([
      ["momentum", { params: ["trigger"] }],
      ["regime", { params: null }],
    ]),
    slots: new Set(["BTC-5m-momentum"]),
    venue: "polymarket" as const,
  };
  test.each([
    [{ strategies: { momentun: {} } }, "UnknownStrategy", "$.strategies.momentun", /did you mean "momentum"/],
    [
      { strategies: { momentum: { params: { triger: 3 } } } },
      "UnknownParam",
      "$.strategies.momentum.params.triger",
      /not a param of momentum.*"trigger"/,
    ],
    [
      { slots: { "BTC-15m-momentum": {} } },
      "UnknownSlot",
      '$.slots["BTC-15m-momentum"]',
      /did you mean "BTC-5m-momentum"/,
    ],
    [
      { commands: [{ ...close, kind: "close-position" as const, slot: "X" }] },
      "UnknownSlot",
      "$.commands[0].slot",
      /"X" is not a slot: expected BTC-5m-momentum/,
    ],
    [
      { commands: [approve, { ...approve, strategy: "momentun" }] },
      "UnknownStrategy",
      "$.commands[1].strategy",
      /"momentun" is not a strategy \(did you mean "momentum"\?\)/,
    ],
    [
      { commands: [{ id: "a", kind: "rollback" as const, strategy: "X" }] },
      "UnknownStrategy",
      "$.commands[0].strategy",
      /"X" is not a strategy: expected momentum, regime/,
    ],
    [
      { strategies: { momentum: { pin: "regime@3f9a2c1e" } } },
      "Invalid",
      "$.strategies.momentum.pin",
      /"regime@3f9a2c1e" is not a version of momentum/,
    ],
    [
      { strategies: { momentum: { promotion: "ungated" } } },
      "Invalid",
      "$.strategies.momentum.promotion",
      /is "ungated", expected a gate: only the simulated venue/,
    ],
  ])("%j is refused", (content, code, path, message) => {
    expect(checkAgainst({ version: 1, ...content }, known)).toEqual({
      code,
      path,
      message: expect.stringMatching(message),
    });
  });

  test("no gate is needed where no money is", () => {
    const control = { version: 1, strategies: { momentum: { promotion: "ungated" } } };
    expect(checkAgainst(control, { ...known, venue: "simulated" })).toBeNull();
  });

  test("a pin to one of its own versions, and one taken away, are taken", () => {
    const control = { version: 1, strategies: { momentum: { pin: "momentum@3f9a2c1e" }, regime: { pin: null } } };
    expect(checkAgainst(control, known)).toBeNull();
  });

  test("params of a strategy whose declaration is not known are not judged", () => {
    expect(checkAgainst({ version: 1, strategies: { regime: { params: { any: 1 } } } }, known)).toBeNull();
  });
});
