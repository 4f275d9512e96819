import { beforeAll, describe, expect, test } from "vitest";
import type { LoadedVersion } from "../../../engine/decide/port.ts";
import { ENGINE_VARIANTS } from "../../../engine/sandbox/engine-module.ts";
import { SandboxOvertime } from "../../../engine/sandbox/instance.ts";
import { Loader } from "../../../engine/sandbox/loader.ts";
import { PurityProbe } from "../../../engine/sandbox/purity-probe.ts";
import { deciding, loadStrategy } from "../../support/strategy-bundle.ts";

describe.each(ENGINE_VARIANTS)("a probe on %s", (variant) => {
  let loader: Loader;
  let probe: PurityProbe;
  beforeAll(async () => {
    [loader, probe] = await Promise.all([Loader.create(variant), PurityProbe.create(variant)]);
  });
  const load = (body: string, members?: string, before?: string): Promise<LoadedVersion> =>
    loadStrategy(loader, deciding(body, members, before));
  const differenceOf = async (...strategy: Parameters<typeof load>) => probe.difference(await load(...strategy));

  test("says which frame was decided otherwise, and how", async () => {
    expect(await differenceOf(`return hold("n=" + ++n);`, undefined, "let n = 0;")).toBe(
      'decides differently after other decisions: frame 1 gave hold "n=2" kept, hold "n=1" reset',
    );
    const memory = "inputs: () => ({}), memory: { initial: { n: 0 } }";
    expect(await differenceOf(`return hold("", { memory: { n: ++n } });`, memory, "let n = 0;")).toBe(
      'decides differently after other decisions: frame 1 gave hold "" remembering "{"n":2}" kept, hold "" remembering "{"n":1}" reset',
    );
    const raised = `n += 0.1; return up({ probability: 0.5 + n, reason: "up" });`;
    expect(await differenceOf(raised, undefined, "let n = 0;")).toContain('up "up" at 0.7 up to any price kept');
    const thrown = `if (seen) throw new Error("again"); seen = true; return hold("first");`;
    expect(await differenceOf(thrown, undefined, "let seen = false;")).toContain('the fault "Error: again" kept');
  });

  test("sees a tick that differs, where the words are the same", async () => {
    const grows = `list.push(1); for (const one of list); return hold("same");`;
    expect(await differenceOf(grows, undefined, "const list = [];")).toMatch(
      /frame 1 gave \d+ ticks kept, \d+ ticks reset$/,
    );
  });

  test("sees state that shows itself only where a frame comes again", async () => {
    const body = `const known = seen.has(window.secondsLeft);
      seen.add(window.secondsLeft);
      return hold(known ? "known" : "new");`;
    expect(await differenceOf(body, undefined, "const seen = new Set();")).toContain('hold "known" kept');
  });

  test.each([
    [`throw new Error("always");`],
    [`return "no signal";`],
    [`for (;;);`],
    [`const all = []; for (;;) all.push(new Float64Array(1000));`],
    [
      `const circle = { bytes: new Uint8Array(2_000_000) }; circle.self = circle; return hold("x" + circle.self.bytes[0]);`,
    ],
  ])("finds nothing in what fails or is wasteful alike: %s", async (body) => {
    expect(await differenceOf(body)).toBeNull();
  });

  test("says the same each time", async () => {
    const version = await load(`return hold(last + (last = window.asset));`, undefined, `let last = "";`);
    const other = await PurityProbe.create(variant);
    expect(probe.difference(version)).toBe(other.difference(version));
    expect(probe.difference(version)).not.toBeNull();
  });
});

test("what takes seconds of real time ends the probe", async () => {
  const hangs = deciding("for (const text = 'x'.repeat(9999); ; ) text.replace(/x/g, 'yy');");
  const version = await loadStrategy(await Loader.create(), hangs);
  const probe = await PurityProbe.create();
  expect(probe.isPoisoned).toBe(false);
  expect(() => probe.difference(version)).toThrow(SandboxOvertime);
  expect(probe.isPoisoned).toBe(true);
});
