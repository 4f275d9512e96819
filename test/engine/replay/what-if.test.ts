import { rmSync } from "node:fs";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { UserError } from "../../../engine/base/errors.ts";
import type { DecisionResult } from "../../../engine/decide/decision.ts";
import { CandidateCode } from "../../../engine/replay/candidate-code.ts";
import { WhatIf, type WhatIfReport } from "../../../engine/replay/what-if.ts";
import { Refusal } from "../../../engine/versions/source-error.ts";
import { deciding } from "../../support/strategy-bundle.ts";
import { temporaryFolder } from "../versions/temporary-folder.ts";
import { RecordedLife } from "./recorded-life.ts";

const INPUTS = `inputs: () => ({ rsi: ta.rsi({ interval: "1m", period: 3 }), bars: candles({ interval: "1m", depth: 4 }) })`;
const leaning = (body: string, inputs = INPUTS, level = 0.5) =>
  deciding(
    body,
    `params: { level: param.number({ default: ${level} }), chance: param.number({ default: 0.6 }) }, ${inputs}`,
  );
const LEANS = `const bar = readings.bars.close.at(-2);
  if (readings.rsi.value > params.level) return up({ probability: params.chance, reason: "rsi " + readings.rsi.at(2) });
  return hold("bar " + bar);`;
const counting = (member: string, memory: string) =>
  deciding(`return hold("n=" + memory.${member}, { memory });`, `inputs: () => ({}), memory: ${memory}`);
const FILES = {
  "leans.ts": leaning(LEANS),
  "counts.ts": deciding(
    `return hold("n=" + memory.n, { memory: { n: memory.n + 1 } });`,
    `inputs: () => ({}), memory: { initial: { n: 0 } }`,
  ),
};
const TRADERS = [
  { slot: "BTC-5m-leans", strategy: "leans" },
  { slot: "ETH-5m-leans", strategy: "leans", params: { chance: 0.7 } },
  { slot: "BTC-5m-counts", strategy: "counts" },
];
const CYCLES = 60;

let life: RecordedLife;
beforeAll(async () => {
  life = await new RecordedLife(FILES, TRADERS).live(CYCLES);
  return () => life.remove();
});

async function whatIf(strategy: string, source: string): Promise<WhatIfReport> {
  const folder = temporaryFolder({ [`${strategy}.ts`]: source });
  const what = new WhatIf(life.dir, new CandidateCode(folder, `${strategy}.ts`));
  for (const { cycle, atMs, events } of life.rows) {
    for (const event of events) {
      if (event.type !== "Decided") continue;
      await what.decide(
        cycle,
        atMs,
        event.decisions.filter(({ request }) => request.version.strategy === strategy),
      );
    }
  }
  return what.report();
}

const recorded = (slot: string): DecisionResult[] =>
  life.decisions.flatMap(({ decisions }) =>
    decisions.flatMap(({ request, result }) => (request.slot === slot ? [result] : [])),
  );

describe("an edit, asked with the frames of what ran", () => {
  test("that changes nothing decides all of them as they were decided", async () => {
    const report = await whatIf("leans", leaning(`${LEANS} // the same`));
    expect(report).toMatchObject({ decisions: 2 * CYCLES, changedTotal: 0, reworded: 0, faults: 0, changed: [] });
    const ups = [...recorded("BTC-5m-leans"), ...recorded("ETH-5m-leans")].filter(
      (result) => result.type === "Decided" && result.signal.kind === "up",
    ).length;
    expect(report.counts).toEqual({ "up → up": ups, "hold → hold": 2 * CYCLES - ups });
    expect(ups).toBeGreaterThan(20);
  });

  test("shows every kind that became another, and the first change of each window with its reasons", async () => {
    const other = leaning(
      `return readings.rsi.value > params.level ? exit("out") : hold("bar " + readings.bars.close.at(-2));`,
    );
    const { counts, changed, changedTotal, changedWindows, reworded } = await whatIf("leans", other);
    expect(Object.keys(counts).sort()).toEqual(["hold → hold", "up → exit"]);
    expect(changedTotal).toBe(counts["up → exit"]);
    expect([reworded, changed.length]).toEqual([0, changedWindows]);
    const [first] = changed;
    expect(first!.before).toMatchObject({ kind: "up", reason: expect.stringMatching(/^rsi /) });
    expect(first!.after).toEqual({ kind: "exit", probability: null, limit: null, reason: "out" });
    expect(first!.window).toMatch(/^[a-z]+-updown-(5|15)m-\d+$/);
    expect(first!.at).toBe(new Date(life.rows[first!.cycle - 1]!.atMs).toISOString());
  });

  test("may read less, under other names and in another order: it sees the same numbers", async () => {
    const inputs = `inputs: () => ({ candlesHere: candles({ interval: "1m", depth: 2 }), strength: ta.rsi({ interval: "1m", period: 3, history: 3 }) })`;
    const body = LEANS.replaceAll("readings.bars", "readings.candlesHere").replaceAll(
      "readings.rsi",
      "readings.strength",
    );
    const report = await whatIf("leans", leaning(body, inputs));
    expect(report).toMatchObject({ decisions: 2 * CYCLES, changedTotal: 0, reworded: 0 });
  });

  test("keeps what an operator had set, and takes its own new defaults", async () => {
    const never = leaning(LEANS, INPUTS, 1e9).replace("default: 0.6", "default: 0.55");
    expect((await whatIf("leans", never)).counts).not.toHaveProperty("up → up");
    const { changed } = await whatIf("leans", leaning(LEANS).replace("default: 0.6", "default: 0.55"));
    expect(new Set(changed.map(({ slot, after }) => `${slot} ${after.probability}`))).toEqual(
      new Set(["BTC-5m-leans 0.55"]),
    );
  });

  test.each([
    [
      "another input",
      `inputs: () => ({ rsi: ta.rsi({ interval: "1m", period: 4 }), bars: candles({ interval: "1m", depth: 4 }) })`,
      "rsi (ta.rsi",
    ],
    ["more history", INPUTS.replace("depth: 4", "depth: 5"), "bars (candles"],
  ])("that reads %s is refused, and sent to where inputs are computed", async (_, inputs, said) => {
    const error: unknown = await whatIf("leans", leaning(LEANS, inputs)).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toContain(`it did not read ${said}`);
    expect(error).toMatchObject({ code: "rejected", hint: expect.stringContaining("underway dry-run leans") });
  });

  test("that cannot be loaded is refused with the place", async () => {
    await expect(whatIf("leans", "export default 1;")).rejects.toThrow(Refusal);
    await expect(whatIf("leans", leaning("return hold(String(Date.now()));"))).rejects.toThrow(
      /leans\.ts:4:\d+ Cannot use Date/,
    );
  });

  test("that faults is counted, with the first place", async () => {
    const { counts, faults, firstFault } = await whatIf("leans", leaning(`throw new Error("no");`));
    expect(faults).toBe(2 * CYCLES);
    expect(Object.keys(counts).every((change) => change.endsWith(" → fault"))).toBe(true);
    expect(firstFault).toMatchObject({ message: "Error: no", cycle: 1, where: expect.stringMatching(/leans\.ts:4:/) });
  });
});

describe("what it remembers", () => {
  const reasons = async (source: string) => {
    const { changedTotal, reworded, notes } = await whatIf("counts", source);
    return { changedTotal, reworded, notes };
  };

  test("is as recorded, where it declares the same", async () => {
    const { reworded, notes } = await reasons(counting("n", "{ initial: { n: 40 } }"));
    expect([reworded, notes]).toEqual([0, [expect.stringContaining("as recorded")]]);
  });

  test("is migrated from what was recorded, where it declares something else and how", async () => {
    const { reworded, notes } = await reasons(counting("m", "{ initial: { m: 0 }, migrate: (old) => ({ m: old.n }) }"));
    expect([reworded, notes]).toEqual([0, [expect.stringContaining("migrate()")]]);
  });

  test("is what it declares, each time, where nothing leads from one to the other", async () => {
    const { reworded, notes } = await reasons(counting("m", "{ initial: { m: 0 } }"));
    expect([reworded, notes]).toEqual([CYCLES - 1, [expect.stringContaining("to begin with")]]);
  });
});

test("what was decided by versions of which nothing is kept is counted apart", async () => {
  const other = await new RecordedLife(FILES, TRADERS.slice(2)).live(2);
  onTestFinished(() => other.remove());
  rmSync(`${other.dir}/recipes`, { recursive: true });
  const what = new WhatIf(other.dir, new CandidateCode(other.strategiesDir, "counts.ts"));
  for (const { cycle, decisions } of other.decisions) await what.decide(cycle, 0, decisions);
  expect(what.report()).toMatchObject({ decisions: 0, notReplayable: 2, notReplayableVersions: [{ decisions: 2 }] });
});
