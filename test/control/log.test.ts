import { appendFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { openLog } from "../../control/log.ts";
import { follow, lastLines } from "../../control/log-files.ts";
import { logFormatter } from "../../control/log-format.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const made = {
  strategy: "momentum",
  version: "momentum@3f9a2c1e",
  params: "5d41402abc4b2a76",
  slot: "BTC-5m-momentum",
  cycle: 120_431,
};

test("a record is JSON in the file and one line for people on the terminal, its code frame below", async () => {
  const directory = join(temporaryFolder(), "logs");
  const stream = new PassThrough();
  const { log, close } = await openLog({ directory, terminal: { stream, color: false } });
  log.info(made, "bought 34.48 Up at 0.5800");
  log.error(
    { strategy: "momentum", fault: "threw", where: "strategies/momentum.ts:3:5", frame: "> 3 | b()\n    | ^\n" },
    "b is not a function",
  );
  await close();

  const records = readFileSync(join(directory, "underway.log"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(records[0]).toEqual({
    level: "info",
    time: expect.stringMatching(/Z$/),
    ...made,
    msg: "bought 34.48 Up at 0.5800",
  });
  const lines = String(stream.read())
    .split("\n")
    .map((line) => line.replace(/^\d\d:\d\d:\d\d /, ""));
  expect(lines).toEqual([
    "info: BTC-5m-momentum bought 34.48 Up at 0.5800  [momentum@3f9a2c1e params 5d41402a cycle 120431]",
    "error: momentum b is not a function at strategies/momentum.ts:3:5",
    "    > 3 | b()",
    "        | ^",
    "",
  ]);
});

test("a terminal that has gone away does not stop the log", async () => {
  const directory = temporaryFolder();
  const stream = new PassThrough();
  const { log, close } = await openLog({ directory, terminal: { stream, color: false } });
  stream.destroy(new Error("write EPIPE"));
  log.info({}, "still here");
  await close();
  expect(readFileSync(join(directory, "underway.log"), "utf8")).toContain("still here");
});

test("files are rotated by size and bounded in number, also across restarts, and underway.log is the newest", async () => {
  const directory = temporaryFolder();
  for (let life = 0; life < 15; life++) {
    const { log, close } = await openLog({ directory, terminal: null, fileSizeMax: "1k" });
    log.info({ life, filler: "x".repeat(2_000) }, "fills the file");
    await close();
    const next = await openLog({ directory, terminal: null, fileSizeMax: "1k" });
    next.log.info({ life, filler: "x".repeat(2_000) }, "fills the file");
    await next.close();
  }
  const files = readdirSync(directory).filter((name) => /^underway\.\d+\.log$/.test(name));
  expect(files.length).toBeLessThanOrEqual(10);
  expect(readFileSync(join(directory, "underway.log"), "utf8")).toContain('"life":14');
});

test("records of another day show their date", () => {
  const line = JSON.stringify({ level: "warn", time: "2026-06-07T23:59:59.000Z", msg: "late" });
  expect(logFormatter({ color: false, today: "2026-06-08" })(line)).toBe("06-07 23:59:59 warn: late\n");
  expect(logFormatter({ color: false, today: "2026-06-07" })(line)).toBe("23:59:59 warn: late\n");
});

test("the last lines are found across files, oldest first", async () => {
  const directory = temporaryFolder();
  writeFileSync(join(directory, "underway.9.log"), "a\nskip\nb\n");
  writeFileSync(join(directory, "underway.10.log"), "c\nskip\nd\nhalf a li");
  const wanted = (line: string) => line !== "skip";
  expect((await lastLines(directory, 3, wanted)).lines).toEqual(["b", "c", "d"]);
  expect((await lastLines(directory, 100, wanted)).lines).toEqual(["a", "b", "c", "d"]);
  expect((await lastLines(directory, 0, wanted)).lines).toEqual([]);
});

test("following goes on after the last line, through half lines and into the next file", async () => {
  const directory = temporaryFolder();
  const file = (number: number) => join(directory, `underway.${number}.log`);
  writeFileSync(file(1), "a\nhal");
  const { end } = await lastLines(directory, 10, () => true);
  const lines = follow(directory, end);
  const next = async () => (await lines.next()).value;

  appendFileSync(file(1), "f\nb\n");
  expect(await next()).toBe("half");
  expect(await next()).toBe("b");
  appendFileSync(file(1), "c\n");
  writeFileSync(file(2), "d ü\ne\n");
  expect([await next(), await next(), await next()]).toEqual(["c", "d ü", "e"]);
  await lines.return(undefined);
});
