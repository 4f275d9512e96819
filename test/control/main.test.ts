import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, onTestFinished, test } from "vitest";
import { dataDirectory } from "../../control/data-directory.ts";
import { exampleCandidate, exampleStatus, exampleStrategy } from "../support/status-example.ts";
import { startStubBot } from "../support/stub-bot.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function underway(...args: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(process.execPath, ["control/main.ts", ...args], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

const lastLine = ({ stdout }: Outcome) => JSON.parse(stdout.trim().split("\n").at(-1)!);
const known = {
  strategies: new Map([["momentum", { params: ["trigger"] }]]),
  slots: new Set(["BTC-5m-momentum"]),
  venue: "simulated" as const,
};

test.concurrent.each<[args: string[], stderr: RegExp]>([
  [["stats"], /unknown command 'stats'\n\(Did you mean status\?\)/],
  [["pause", "--tmeout", "3"], /unknown option '--tmeout'\n\(Did you mean --timeout\?\)/],
  [["run", "--until", "tomorrow"], /Expected a UTC time such as .* or cycles:N/],
  [["set", "sizing.scal=1"], /^error: Cannot set "sizing.scal".*did you mean "sizing.scale"/],
  [["clear", "halt"], /^error: Cannot clear a latch without a reason/],
])("%j is a usage error without a stack trace", async (args, message) => {
  const { code, stderr } = await underway(...args);
  expect(code).toBe(2);
  expect(stderr).toMatch(message);
  expect(stderr).not.toMatch(/\n\s+at .*:\d+/);
});

describe("with a bot", () => {
  test("a change is written, acknowledged and reported", async () => {
    const root = temporaryFolder();
    await startStubBot(root, known);
    const paused = await underway("pause", "--dir", root, "--reason", "lunch", "--author", "ops");
    expect(paused).toMatchObject({
      code: 0,
      stdout: "Acknowledged: control version 1, in force since cycle 7. Mode entries-stopped.\n",
    });
    const set = await underway(
      "set",
      "strategies.momentum.params.trigger=3",
      "--dir",
      root,
      "--author",
      "ops",
      "--json",
    );
    expect(set.code).toBe(0);
    expect(lastLine(set)).toMatchObject({
      ok: true,
      verb: "set",
      result: "Ack",
      version: 2,
      cycle: 7,
      mode: "entries-stopped",
    });
    const control = {
      version: 2,
      author: "ops",
      mode: "entries-stopped",
      strategies: { momentum: { params: { trigger: 3 } } },
    };
    expect(JSON.parse(readFileSync(join(root, "control.json"), "utf8"))).toEqual(control);
    const closed = await underway("close", "BTC-5m-momentum", "--dir", root);
    expect(closed.stdout).toContain("close-position done");
  });

  test("several changes at once are all acknowledged, though the bot may see only the last file", async () => {
    const root = temporaryFolder();
    await startStubBot(root, known);
    const outcomes = await Promise.all(
      ["sizing.scale=0.5", "strategies.momentum.enabled=false", "slots.BTC-5m-momentum.enabled=false"].map((setting) =>
        underway("set", setting, "--dir", root),
      ),
    );
    expect(outcomes.map(({ code, stderr }) => [code, stderr])).toEqual([
      [0, ""],
      [0, ""],
      [0, ""],
    ]);
  });

  test("a refused change exits 1 and says where, why and what stays in force", async () => {
    const root = temporaryFolder();
    await startStubBot(root, known);
    await underway("pause", "--dir", root);
    const refused = await underway("set", "strategies.momentun.enabled=false", "--dir", root, "--json");
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(
      'Refused: control.json 2, $.strategies.momentun "momentun" is not a strategy (did you mean "momentum"?). Version 1 stays in force.',
    );
    expect(lastLine(refused)).toMatchObject({
      ok: false,
      exitCode: 1,
      error: { code: "nacked", where: "$.strategies.momentun" },
    });
    const impossible = await underway("set", "sizing.scale=1.5", "--dir", root);
    expect(impossible).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("1.5 is above 1; nothing was written"),
    });
  });

  test("an approval names the whole of what waits, and an effect that refuses it is a failure", async () => {
    const root = temporaryFolder();
    const candidate = exampleCandidate();
    const effectOf = (kind: string) => (kind === "approve" ? "refused: it is being rehearsed" : `${kind} done`);
    await startStubBot(root, known, { strategies: [exampleStrategy({ candidate })] }, effectOf);
    const given = () => JSON.parse(readFileSync(join(root, "control.json"), "utf8")).commands.at(-1);
    const { code, params } = candidate;

    const refused = await underway("approve", "momentum", "momentum@8b41d07e", "--dir", root);
    expect(refused).toMatchObject({ code: 1, stdout: expect.stringContaining("\nrefused: it is being rehearsed\n") });
    expect(given()).toMatchObject({ kind: "approve", strategy: "momentum", code, params });

    const json = await underway("approve", "momentum", "--dir", root, "--json");
    expect(json.code).toBe(1);
    expect(lastLine(json)).toMatchObject({ ok: false, verb: "approve", effect: "refused: it is being rehearsed" });

    const back = await underway("rollback", "momentum", "--dir", root);
    expect(back).toMatchObject({ code: 0, stdout: expect.stringContaining("\nrollback done\n") });
    expect(given()).toMatchObject({ kind: "rollback", strategy: "momentum" });
  });

  test("a latch that holds the mode is named", async () => {
    const root = temporaryFolder();
    const latch = {
      id: "halt",
      kind: "halt",
      scope: "",
      mode: "halted",
      since: "2026-06-08T02:12:05.000Z",
      by: "ops",
      reason: "checking",
    };
    const scope = "momentum@3f9a2c1e/0b4d77aa";
    const barred = {
      ...latch,
      id: `quarantine:${scope}`,
      kind: "quarantine",
      scope,
      mode: "active",
      reason: "it hung",
    };
    await startStubBot(root, known, { mode: "halted", latches: [latch, barred] });
    const { code, stdout } = await underway("resume", "--dir", root);
    expect(code).toBe(0);
    expect(stdout).toMatch(/Mode halted\.\nLatch halt holds halted: checking\. Clear it with: clear halt --reason/);
    expect(stdout).toContain(`Latch ${barred.id} stands: it hung. Clear it with: clear ${barred.id} --reason`);
  });

  test("a bot that does not answer is a timeout", async () => {
    const root = temporaryFolder();
    const lock = new DatabaseSync(dataDirectory(root).lock);
    onTestFinished(() => lock.close());
    lock.exec("BEGIN EXCLUSIVE");
    const { code, stderr } = await underway("halt", "--dir", root, "--timeout", "0.1");
    expect(code).toBe(5);
    expect(stderr).toMatch(/the bot runs but has not answered control\.json 1/);
  });
});

describe("without a bot", () => {
  test("steering writes nothing", async () => {
    const root = temporaryFolder();
    const { code, stderr } = await underway("halt", "--dir", root);
    expect(code).toBe(3);
    expect(stderr).toContain("Cannot halt: no bot is running here; nothing was written");
  });

  test("the last status is shown, and is said to be that", async () => {
    const root = temporaryFolder();
    writeFileSync(join(root, "status.json"), JSON.stringify(exampleStatus({ writtenAt: "2026-01-01T00:00:00.000Z" })));
    const shown = await underway("status", "--dir", root);
    expect(shown.code).toBe(3);
    expect(shown.stdout).toMatch(/^Status .* old: the bot may be down\./);
    const json = await underway("status", "--dir", root, "--json");
    expect(lastLine(json)).toMatchObject({ running: false, cycle: { number: 120_431 } });
  });

  test("the faults in the log are shown", async () => {
    const root = temporaryFolder();
    mkdirSync(join(root, "logs"));
    const records = [
      { level: "info", time: "2026-06-07T23:59:58.000Z", msg: "started" },
      {
        level: "error",
        time: "2026-06-07T23:59:59.000Z",
        strategy: "momentum",
        fault: "threw",
        msg: "x is not a function",
      },
    ];
    writeFileSync(
      join(root, "logs", "underway.1.log"),
      records.map((record) => `${JSON.stringify(record)}\n`).join(""),
    );
    const { code, stdout } = await underway("logs", "--faults", "--dir", root);
    expect([code, stdout]).toEqual([0, "06-07 23:59:59 error: momentum x is not a function\n"]);
  });
});
