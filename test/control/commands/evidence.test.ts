// The verbs that look at what a bot has done, on what a real one has left behind.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { makeWorkspace, run } from "../../support/bot-process.ts";

const folder = makeWorkspace();
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const lastLine = (stdout: string) => JSON.parse(stdout.trimEnd().split("\n").at(-1)!);
const trade = (cycles: number) => run(folder, ["run", "--speed", "max", "--until", `cycles:${cycles}`]);
const edit = (from: string, to: string) => {
  const file = join(folder, "strategies/momentum.ts");
  const text = readFileSync(file, "utf8");
  expect(text).toContain(from);
  writeFileSync(file, text.replace(from, to));
};

test("an edit is rehearsed on the bot's own history before it runs, and compared with what ran after it does", async () => {
  await trade(400);
  edit("no edge: ", "no edge at all: ");
  const trace = join(folder, "trace.ndjson");
  const dry = await run(folder, ["dry-run", "momentum", "--json", "--trace", trace]);
  expect(`${dry.code} ${dry.stderr}`).toBe("0 ");
  const found = lastLine(dry.stdout);
  expect(found).toMatchObject({ source: "recorded", gate: { verdict: "pass" }, changedWindows: 0, pnlMicros: 0 });
  expect(found.frames).toBeGreaterThan(100);
  expect(found.reworded).toBeGreaterThan(0);
  const lines = readFileSync(trace, "utf8").trimEnd().split("\n");
  expect(lines).toHaveLength(found.frames);
  expect(JSON.parse(lines[0]!)).toMatchObject({
    slot: expect.stringMatching(/-5m-momentum$/),
    inputs: { "move.score": expect.toSatisfy((value) => value === null || typeof value === "number") },
    signal: { kind: expect.any(String), reason: expect.any(String) },
  });

  await trade(20);
  const { versions } = lastLine((await run(folder, ["versions", "momentum", "--json"])).stdout);
  expect(versions.map(({ version, ordinal }: { version: string; ordinal: number }) => [version, ordinal])).toEqual([
    [found.version, 2],
    [found.against, 1],
  ]);
  const diff = lastLine((await run(folder, ["diff", "momentum@v1", "v2", "--json"])).stdout);
  expect(diff).toMatchObject({ from: found.against, to: found.version, decisions: { changedWindows: 0 } });
  expect(diff.files).toEqual([
    { path: "momentum.ts", patch: expect.stringContaining("\n+    return hold(`no edge at all: ") },
  ]);
});

test("what the gate would refuse ends with 1, and the last line says why", async () => {
  edit("return hold(", "return holdon(");
  const { code, stdout, stderr } = await run(folder, ["dry-run", "momentum", "--json", "--dir", "nowhere"]);
  expect(`${code} ${stderr}`).toBe("1 ");
  expect(lastLine(stdout)).toMatchObject({
    against: null,
    gate: { verdict: "refuse", reasons: [expect.stringMatching(/^strategies\/momentum.ts:\d+:\d+ Cannot find name/)] },
    stages: [{ stage: "bundled", ok: true }, { stage: "admitted" }, { stage: "type-checked", ok: false }],
    pnlMicros: null,
  });
});
