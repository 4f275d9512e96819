import { describe, expect, test } from "vitest";
import { command, set, setMode } from "../../../control/commands/steer.ts";
import type { Control } from "../../../control/control-schema.ts";
import { exampleStatus } from "../../support/status-example.ts";

const running = (control: object) =>
  exampleStatus({ applied: { version: 3, cycle: 7, control: { version: 3, author: "other", ...control } } });

describe("whether what runs has a change", () => {
  test("a mode", () => {
    expect(setMode("halted").isIn(running({ mode: "halted" }))).toBe(true);
    expect(setMode("halted").isIn(running({ mode: "flatten" }))).toBe(false);
    expect(setMode("halted").isIn(exampleStatus())).toBe(false);
  });

  test("a setting, and a setting taken away", () => {
    expect(set("sizing.scale=0.5").isIn(running({ mode: "halted", sizing: { scale: 0.5 } }))).toBe(true);
    expect(set("sizing.scale=0.5").isIn(running({ sizing: { scale: 0.6 } }))).toBe(false);
    expect(set("sizing.scale=null").isIn(running({ sizing: {} }))).toBe(true);
    expect(set("sizing.scale=null").isIn(running({ sizing: { scale: 0.6 } }))).toBe(false);
  });

  test("a command: given, or done and no longer in the file", () => {
    const close = command({ kind: "close-position", slot: "BTC-5m-momentum" });
    const { commands } = close.apply({ version: 3 } as Control);
    expect(close.isIn(running({ commands }))).toBe(true);
    expect(close.isIn(exampleStatus({ commands: [{ id: close.commandId!, cycle: 7, effect: "sold" }] }))).toBe(true);
    expect(close.isIn(running({}))).toBe(false);
  });
});
