// The product as its user meets it: a real process on real files. One bot is started and then edited, steered, broken and killed.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Status } from "../../control/status.ts";
import { BotProcess, makeWorkspace, run } from "../support/bot-process.ts";
import { checkLedger } from "../support/ledger-check.ts";

const folder = makeWorkspace();
const file = join(folder, "strategies/momentum.ts");
const controlFile = join(folder, ".underway/control.json");
const original = readFileSync(file, "utf8");
let bot: BotProcess;

beforeAll(() => {
  bot = new BotProcess(folder, ["run"]);
});

afterAll(async () => {
  await bot.end("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

const momentumSlots = (status: Status) => status.slots.filter((slot) => slot.strategy === "momentum");
const runningOf = (status: Status) => [...new Set(momentumSlots(status).map((slot) => slot.running))];
const positionsOf = (status: Status) =>
  status.slots.flatMap((slot) =>
    slot.position === null ? [] : [`${slot.id} ${slot.market?.id} ${slot.position.version}`],
  );

describe("a bot that was started without configuration", () => {
  test("decides all 16 slots, fills orders, settles a window and says that no real money is involved", async () => {
    const status = await bot.status("16 slots with signals and quotes", (each) =>
      each.slots.every((slot) => slot.lastSignal !== null && slot.market !== null),
    );
    expect(status.slots).toHaveLength(16);
    expect(status.venue.realMoney).toBe(false);
    await bot.said(/no real money at ×10 speed/);
    await bot.said(/bought \d/);
    await bot.said(/settled (up|down)/);
    await bot.status("positions", (each) => positionsOf(each).length > 0);
  });

  test("lets a saved edit decide at a boundary, with the positions and the heartbeat undisturbed", async () => {
    const before = await bot.status("a running version", (each) => runningOf(each)[0] != null);
    writeFileSync(file, original.replace("default: 0.6", "default: 0.61"));
    const after = await bot.status("a new version", (each) => runningOf(each)[0] !== runningOf(before)[0]);
    expect(runningOf(after)).toHaveLength(1);
    expect(after.heartbeat.seq).toBeGreaterThanOrEqual(before.heartbeat.seq);
    const held = positionsOf(before).filter((position) =>
      after.slots.some((slot) => position.includes(` ${slot.market?.id} `)),
    );
    expect(positionsOf(after)).toEqual(expect.arrayContaining(held.filter((position) => !sold(position))));
    expect(after.lastReload).toMatchObject({ strategy: "momentum", cause: "file", from: runningOf(before)[0] });
  });

  test("refuses a broken file with its line, and goes on with the running version until it is fixed", async () => {
    const before = await bot.status("a running version", (each) => each.lastReload?.state === "active");
    writeFileSync(file, `${original}\nexport const broken = ;\n`);
    const line = original.split("\n").length + 1;
    const refused = await bot.status("a refusal", (each) => each.lastReload?.state === "rejected");
    expect(refused.lastReload?.reasons[0]).toContain(`momentum.ts:${line}:`);
    expect(runningOf(refused)).toEqual(runningOf(before));
    const later = await bot.status("more cycles", (each) => each.cycle.number > refused.cycle.number + 5);
    expect(runningOf(later)).toEqual(runningOf(before));
    writeFileSync(file, original.replace("default: 0.6", "default: 0.62"));
    await bot.status(
      "the fixed version",
      (each) => each.lastReload?.state === "active" && runningOf(each)[0] !== runningOf(before)[0],
    );
  });

  test("takes the last of a storm of edits, and lets go of the others", async () => {
    for (let edit = 0; edit < 20; edit++) {
      writeFileSync(file, original.replace("default: 0.6", `default: 0.7${edit}`));
      await bot.status("another cycle", () => true);
    }
    const checked = JSON.parse((await run(folder, ["check", "strategies/momentum.ts", "--json"])).stdout.trim());
    await bot.status(
      "the last edit",
      (each) => runningOf(each).length === 1 && runningOf(each)[0] === checked[0].version,
    );
  });

  test("stops entries from the next cycle on, and takes them up again", async () => {
    const paused = await run(folder, ["pause", "--reason", "news", "--json"]);
    expect(paused.code).toBe(0);
    const status = await bot.status("entries stopped", (each) => each.applied?.version === 1);
    expect(status.mode).toBe("entries-stopped");
    const resumed = await run(folder, ["resume"]);
    expect(resumed.code).toBe(0);
    await bot.status("active", (each) => each.mode === "active");
  });

  test("takes a control file written by hand, and refuses a typing mistake with its path, changing nothing", async () => {
    writeFileSync(controlFile, JSON.stringify({ version: 10, mode: "reduce-only", sizing: { scale: 0.5 } }));
    await bot.status("the file's mode", (each) => each.mode === "reduce-only" && each.result === "Ack");
    writeFileSync(controlFile, JSON.stringify({ version: 11, sizing: { scael: 1 } }));
    const nacked = await bot.status("a nack", (each) => each.result === "Nack");
    expect(nacked.error).toMatchObject({ code: "UnknownField", path: "$.sizing.scael" });
    expect(nacked.applied?.version).toBe(10);
    expect(nacked.mode).toBe("reduce-only");
    writeFileSync(controlFile, '{"version": 12, "mode":');
    await bot.status("a torn file", (each) => each.error?.code === "Torn");
    writeFileSync(controlFile, " ".repeat(70_000));
    await bot.status("an oversized file", (each) => each.error?.code === "Oversized");
    rmSync(controlFile);
    const { cycle } = await bot.status("any", () => true);
    const later = await bot.status("cycles without the file", (each) => each.cycle.number > cycle.number + 5);
    expect(later.mode).toBe("reduce-only");
    writeFileSync(controlFile, JSON.stringify({ version: 12 }));
    await bot.status("the configuration's mode", (each) => each.mode === "active");
  });

  test("counts the cycles that a stall of the process missed, and raises an alarm", async () => {
    const before = await bot.status("any", () => true);
    bot.child.kill("SIGSTOP");
    await new Promise((resolve) => setTimeout(resolve, 2_500)); // The stall itself, not a wait for something.
    bot.child.kill("SIGCONT");
    const after = await bot.status("missed cycles", (each) => each.cycle.missed >= before.cycle.missed + 20);
    expect([...after.alarms.open, ...after.alarms.recent].map((alarm) => alarm.kind)).toContain("missed-cycles");
  });

  test("refuses a second bot on the same data directory", async () => {
    const second = await run(folder, ["run"]);
    expect(second.code).toBe(4);
    expect(second.stderr).toContain(`process ${bot.child.pid}`);
    expect(second.stderr).not.toContain("    at ");
  });

  test("is there again after kill -9, with its versions, positions and mode, and stops cleanly when asked", async () => {
    await run(folder, ["pause"]);
    const before = await bot.status("entries stopped", (each) => each.mode === "entries-stopped");
    await bot.end("SIGKILL");
    bot = new BotProcess(folder, ["run"]);
    const after = await bot.status("all slots deciding", (each) =>
      each.slots.every((slot) => slot.lastSignal !== null),
    );
    expect(runningOf(after)).toEqual(runningOf(before));
    expect(after.mode).toBe("entries-stopped");
    expect(after.cycle.number).toBeGreaterThan(before.cycle.number);
    expect(after.restartGapMs).not.toBeNull();
    const { code, stdout } = await bot.end("SIGINT");
    expect(code).toBe(0);
    expect(stdout).toContain("markets settled");
    expect(checkLedger(join(folder, ".underway"))).toEqual([]);
  });
});

/** A position may be sold by its own strategy while we look: then it is not there any more, whatever the reload did. */
const sold = (position: string): boolean => bot.stdout.includes(`${position.split(" ")[0]} sold`);
