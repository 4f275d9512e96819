// Gates as an operator meets them: a real bot, edited through its files, steered through its verbs, killed and started again. What
// trades is always what passed.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Status } from "../../control/status.ts";
import { BotProcess, makeWorkspace, run } from "../support/bot-process.ts";
import { type Foresight, foresee, foreseeing } from "../support/foresight.ts";
import { checkLedger } from "../support/ledger-check.ts";

const ASSETS = ["btc", "eth", "sol", "xrp"] as const;
/** A 5-minute window in a bit more than half a second. */
const SPEED = 500;
/** Cycles of 10 s that the market is known ahead: more than the bot will live. */
const CYCLES_AHEAD = 8_000;
const folder = makeWorkspace();
const file = join(folder, "strategies/seer.ts");
const holderFile = join(folder, "strategies/holder.ts");
let bot: BotProcess;
let foresight: Foresight;

function configure(promotion: string, more: object = {}): void {
  const slots = [
    ...ASSETS.map((asset) => ({ asset, interval: "5m", strategy: "seer" })),
    { asset: "btc", interval: "15m", strategy: "holder" },
  ];
  const config = { cycle: "10s", cash: "100000.00", slots, promotion: { seer: promotion }, ...more };
  const text = `import { config } from "underway/config";\nexport default config(${JSON.stringify(config)});\n`;
  writeFileSync(join(folder, "underway.config.ts"), text);
}

/** Saved while the bot runs: returns once it is in force. */
async function reconfigure(promotion: string): Promise<void> {
  const accepted = () => bot.stdout.split("Configuration accepted").length;
  const before = accepted();
  configure(promotion);
  await bot.status("the policy", () => accepted() > before);
}

const save = (buys: "winner" | "loser", mark: string) => writeFileSync(file, foreseeing(foresight, buys, mark));
const verb = async (...args: string[]) => {
  const { code, stdout, stderr } = await run(folder, [...args, "--json"]);
  return { code, said: stdout.trim().split("\n").at(-1) ?? "", stderr };
};
const seer = ({ strategies }: Status) => strategies.find(({ name }) => name === "seer")!;
const codesOf = (strategy: string, { slots }: Status) => [
  ...new Set(slots.filter((slot) => slot.strategy === strategy).map(({ running }) => running)),
];
const codes = (status: Status) => codesOf("seer", status);
/** Enters every window and leaves it a minute before its end; remembers how often it was asked. */
const holder = (mark: string, migrate = "") => `
import { exit, hold, strategy, up } from "underway";
export default strategy({
  about: "Holds for a while",
  params: {},
  memory: { initial: 0${migrate} },
  inputs: () => ({}),
  decide(_, { window, position, memory }) {
    if (position && window.secondsLeft < 60) return exit("${mark} leaves", { memory: memory + 1 });
    if (position || window.secondsLeft < 120) return hold("${mark} waits", { memory: memory + 1 });
    return up({ probability: 0.97, reason: "${mark} enters", memory: memory + 1 });
  },
});
`;
const ledger = <T>(read: (db: DatabaseSync) => T): T => {
  const db = new DatabaseSync(join(folder, ".underway/underway.db"), { readOnly: true });
  try {
    return read(db);
  } finally {
    db.close();
  }
};
const start = () => {
  bot = new BotProcess(folder, ["run", "--speed", String(SPEED)]);
};

beforeAll(async () => {
  configure("auto");
  writeFileSync(file, foreseeing({ ends: {} }, "winner", "blind"));
  writeFileSync(holderFile, holder("blind"));
  foresight = await foresee(folder, CYCLES_AHEAD);
  save("winner", "first");
  writeFileSync(holderFile, holder("first"));
  start();
  await bot.status("the first version", (status) => codes(status)[0] != null && status.cycle.number > 3);
}, 60_000);

afterAll(async () => {
  await bot.end("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

describe("a gate", () => {
  test("refuses what does not type-check, and what keeps state of its own, and goes on with what runs", async () => {
    const before = codes(await bot.status("any", () => true));
    writeFileSync(file, `${readFileSync(file, "utf8")}\nexport const oops: number = "text";\n`);
    const refused = await bot.status("a type error", ({ lastReload }) => lastReload?.stage === "type-checked");
    expect(refused.lastReload!.reasons[0]).toMatch(/seer\.ts:\d+:14 Type 'string' is not assignable to type 'number'/);
    const counting = foreseeing(foresight, "winner", "first").replace(
      "export default",
      "let asked = 0;\nexport default",
    );
    writeFileSync(file, counting.replace('return hold("first holds")', 'return hold("first holds " + ++asked)'));
    const impure = await bot.status("an impure strategy", ({ lastReload }) => lastReload?.stage === "rehearsed");
    expect(impure.lastReload!.reasons[0]).toContain("it is impure");
    expect(codes(impure)).toEqual(before);
    expect(impure.alarms.open.map(({ kind }) => kind)).toContain("reload-rejected");
  });

  test("waits for the approval of this very code, and refuses one that was saved over", async () => {
    await reconfigure("approve");
    const before = codes(await bot.status("any", () => true));
    save("winner", "second");
    const second = await bot.status("a candidate", (status) => seer(status).candidate?.gate?.waitsFor === "approve");
    const { code, params, version } = seer(second).candidate!;
    save("winner", "third");
    const third = await bot.status("a newer candidate", (status) => {
      const { candidate } = seer(status);
      return candidate?.gate?.waitsFor === "approve" && candidate.version !== version;
    });
    const control = { version: 1, commands: [{ id: "stale", kind: "approve", strategy: "seer", code, params }] };
    writeFileSync(join(folder, ".underway/control.json"), JSON.stringify(control));
    const told = await bot.status("the effect", ({ commands }) => commands.some(({ id }) => id === "stale"));
    expect(told.commands.find(({ id }) => id === "stale")!.effect).toMatch(
      /^refused: the candidate of seer is now seer@/,
    );
    expect(codes(told)).toEqual(before);
    expect((await verb("approve", "seer", version)).code).toBe(1);
    await bot.status("its rehearsal", (status) => seer(status).candidate?.rehearsal?.complete === true);
    expect(await verb("approve", "seer")).toMatchObject({ code: 0, said: expect.stringContaining("is approved") });
    await bot.status("the approved version", (status) => codes(status)[0] === seer(third).candidate!.version);
  });

  test("is not passed by an edit while the bot is down", async () => {
    const before = codes(await bot.status("any", () => true));
    await bot.end("SIGKILL");
    save("loser", "smuggled");
    start();
    const waiting = await bot.status("a candidate", (status) => seer(status).candidate?.gate?.waitsFor === "approve");
    expect(codes(waiting)).toEqual(before);
    expect(waiting.lastReload).toMatchObject({ cause: "start", state: "gated" });
    expect((await verb("reject", "seer", "--reason", "smuggled")).code).toBe(0);
    await bot.status("the rejection", (status) => seer(status).candidate === null);
    expect(codes(await bot.status("any", () => true))).toEqual(before);
  });

  test("raises an alarm over a shadow that trades differently, and counts what it would have earned", async () => {
    await reconfigure("shadow:3 -> approve");
    const before = codes(await bot.status("any", () => true));
    save("loser", "shadow");
    const told = await bot.status("a shadow that diverges", ({ alarms }) =>
      alarms.open.some(({ kind }) => kind === "shadow-divergence"),
    );
    const { gate } = seer(told).candidate!;
    expect(gate!.differing).toBeGreaterThanOrEqual(gate!.compared / 2);
    expect(gate!.candidateMicros).toBeLessThan(0);
    expect(gate!.runningMicros).toBeGreaterThan(0);
    expect(codes(told)).toEqual(before);
    const shadows = told.slots.filter(({ strategy }) => strategy === "seer").map(({ shadow }) => shadow);
    expect(new Set(shadows)).toEqual(new Set([seer(told).candidate!.version]));
  });

  test("takes a canary back on planted losses, and does not let it in again", async () => {
    await reconfigure("canary:2/18");
    const before = codes(await bot.status("any", () => true));
    save("loser", "canary");
    const live = await bot.status("a canary", ({ slots }) => slots.some(({ canary }) => canary));
    expect(live.slots.filter(({ canary }) => canary)).toHaveLength(2);
    const back = await bot.status("the way back", ({ alarms }) =>
      alarms.open.some(({ kind }) => kind === "rolled-back"),
    );
    expect(codes(await bot.status("what ran before", (status) => codes(status).length === 1))).toEqual(before);
    expect(back.alarms.open.find(({ kind }) => kind === "rolled-back")!.message).toMatch(
      /earned -\d+\.\d\d USDC|lost \d+ trades|trades lost/,
    );
    writeFileSync(file, `${readFileSync(file, "utf8")}`);
    const barred = await bot.status("the bar", ({ latches }) => latches.some(({ kind }) => kind === "rolled-back"));
    expect(codes(barred)).toEqual(before);
  }, 60_000);

  test("lets a position leave under the version that entered, while the new one takes new windows", async () => {
    const before = codesOf("holder", await bot.status("any", () => true));
    await bot.status("a position", ({ slots }) =>
      slots.some(({ id, position }) => id === "BTC-15m-holder" && position !== null),
    );
    writeFileSync(holderFile, holder("second"));
    await bot.status("the second version", (status) => codesOf("holder", status)[0] !== before[0]);
    const orders = () =>
      ledger((db) =>
        db
          .prepare(
            "SELECT leg, reason, cycle FROM orders WHERE slot = 'BTC-15m-holder' AND status <> 'Denied' ORDER BY cycle",
          )
          .all(),
      ).map(({ leg, reason }) => `${leg}: ${reason}`);
    await bot.status("an exit of the second version", () => orders().includes("exit: second leaves"));
    const told = orders();
    expect(told).toContain("exit: first leaves");
    expect(told.indexOf("entry: second enters")).toBeGreaterThan(told.lastIndexOf("exit: first leaves"));
  });

  test("refuses a memory that cannot be migrated, and what runs goes on remembering", async () => {
    const before = codesOf("holder", await bot.status("any", () => true));
    writeFileSync(holderFile, holder("third", ', migrate: () => { throw new Error("from nothing"); }'));
    const refused = await bot.status(
      "a refusal",
      ({ lastReload: reload }) => reload?.strategy === "holder" && reload.state === "rejected",
    );
    expect(refused.lastReload!.stage).toBe("rehearsed");
    expect(refused.lastReload!.reasons[0]).toContain("migrate: ");
    expect(codesOf("holder", refused)).toEqual(before);
  });

  test("leaves a ledger in which everything was traded by code that had passed", async () => {
    const last = await bot.status("any", () => true);
    expect(last.cycle.missed).toBeLessThan(last.cycle.number / 10);
    await bot.end("SIGTERM");
    expect(checkLedger(join(folder, ".underway"))).toEqual([]);
    const strangers = ledger((db) =>
      db.prepare("SELECT DISTINCT code FROM orders WHERE code NOT IN (SELECT code FROM activations)").all(),
    );
    expect(strangers).toEqual([]);
  });
});
