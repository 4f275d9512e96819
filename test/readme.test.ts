// Every command of the README works, in the README's order, on a bot that runs.
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { BotProcess, makeWorkspace, ROOT, run } from "./support/bot-process.ts";

const README = readFileSync(join(ROOT, "README.md"), "utf8");
const folder = makeWorkspace();
cpSync(join(ROOT, "test/fixtures/replay"), folder, { recursive: true });
writeFileSync(join(folder, "btcusd-1m.csv"), minuteCandles(1_440));
const PREFIX = "npm run -s underway -- ";

/** Arguments as a shell would split them, quotes taken off. */
const wordsOf = (line: string): string[] =>
  [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare!);
const blocksOf = (language: string): string[] =>
  [...README.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "gms"))].map(([, body]) => body!);

/** A price that goes up and down, as a candle file. */
function minuteCandles(count: number): string {
  const price = (minute: number) => 60_000 + 300 * Math.sin(minute / 17) + 40 * Math.sin(minute * 1.7);
  const rows = Array.from({ length: count }, (_, minute) => {
    const [open, close] = [price(minute), price(minute + 1)].map((each) => each.toFixed(2));
    const [high, low] = [Math.max(Number(open), Number(close)), Math.min(Number(open), Number(close))];
    return `${Date.UTC(2026, 0, 5) + minute * 60_000},${open},${high},${low},${close},1`;
  });
  return ["timestamp,open,high,low,close,volume", ...rows, ""].join("\n");
}

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("every command of the README succeeds", async () => {
  const lines = blocksOf("sh").flatMap((block) => block.trim().split("\n"));
  expect(lines.slice(0, 2)).toEqual(["npm ci && npm start", "npm ci && npm test"]);
  const verbs = lines.slice(2);
  expect(verbs.length).toBeGreaterThan(8);
  const bot = new BotProcess(folder, ["run"]);
  await bot.status("all slots deciding", (status) => status.slots.every((slot) => slot.lastSignal !== null));
  for (const line of verbs) {
    expect(line).toMatch(new RegExp(`^${PREFIX}`));
    const { code, stderr } = await run(folder, wordsOf(line.slice(PREFIX.length)));
    expect(`${line}: ${code} ${code === 0 ? "" : stderr}`).toBe(`${line}: 0 `);
  }
  expect((await bot.end("SIGINT")).code).toBe(0);
});

test("every file and folder that the documents name is there", () => {
  const documents = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"].map((name) =>
    readFileSync(join(ROOT, name), "utf8"),
  );
  const named = documents.flatMap((text) => [...text.matchAll(/`((?:dsl|engine|control|strategies|test)\/[\w./-]*)/g)]);
  const paths = [...new Set(named.map(([, path]) => path!))];
  expect(paths.length).toBeGreaterThan(20);
  expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});

test("the README's strategy passes the check", async () => {
  const [example] = blocksOf("ts");
  writeFileSync(join(folder, "strategies/example.ts"), example!);
  const { code, stdout } = await run(folder, ["check", "strategies/example.ts"]);
  expect(stdout).toContain("all well");
  expect(code).toBe(0);
});
