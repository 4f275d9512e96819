// Evidence as whoever doubts it meets it: a real bot, edited while it trades, rolled back and killed; then every decision is made
// again, every trade is traced to its code, and a single flipped byte is found. EDITS=100 edits it a hundred times.
import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { beforeAll, describe, expect, test } from "vitest";
import type { Status } from "../../control/status.ts";
import { BotProcess, makeWorkspace, run } from "../support/bot-process.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const EDITS = Number(process.env.EDITS ?? 6);
/** A 5-minute window in three seconds: edits come to decide, and do not only wait behind positions. */
const SPEED = 100;
const folder = makeWorkspace();
const config = join(folder, "underway.config.ts");
writeFileSync(config, readFileSync(config, "utf8").replace('cycle: "1s"', 'cycle: "5s"'));
const data = join(folder, ".underway");
const file = join(folder, "strategies/momentum.ts");
const original = readFileSync(file, "utf8");

const runningIn = ({ slots }: Status) => [
  ...new Set(slots.filter(({ strategy }) => strategy === "momentum").map(({ running }) => running)),
];

/** Every edit changes what is decided: how far it leans. Returns the version that decides it everywhere. */
async function edit(bot: BotProcess, number: number): Promise<string> {
  const before = runningIn(await bot.status("momentum", (status) => runningIn(status)[0] !== null))[0];
  writeFileSync(file, original.replace("default: 0.6", `default: ${(0.3 + number / 100).toFixed(2)}`));
  const after = await bot.status(`edit ${number}`, (status) => {
    const running = runningIn(status);
    return running.length === 1 && running[0] !== before;
  });
  return runningIn(after)[0]!;
}

async function start(): Promise<BotProcess> {
  const bot = new BotProcess(folder, ["run", "--speed", String(SPEED)]);
  await bot.status(
    "deciding",
    ({ cycle, slots }) => cycle.number > 0 && slots.every(({ lastSignal }) => lastSignal !== null),
  );
  return bot;
}

async function verb<Answer>(args: readonly string[], expected = 0): Promise<Answer> {
  const { code, stdout, stderr } = await run(folder, [...args, "--json"]);
  const answer = JSON.parse(stdout.trim().split("\n").at(-1) || "{}") as Answer & Partial<Audited>;
  const violated = answer.invariants?.filter(({ violations }) => violations > 0) ?? [];
  if (code !== expected) throw new Error(`${args.join(" ")}: ${code}, ${stderr} ${JSON.stringify(violated)}`);
  return answer;
}

interface Replayed {
  readonly decisions: number;
  readonly matched: number;
  readonly mismatched: readonly unknown[];
}

interface Audited {
  readonly trades: number;
  readonly tracedTrades: number;
  readonly invariants: readonly { readonly id: string; readonly checked: number; readonly violations: number }[];
  readonly chain: {
    readonly ok: boolean;
    readonly rows: number;
    readonly firstBad: { readonly seq: number; readonly what: string } | null;
  };
  readonly byVersion: readonly { readonly strategy: string; readonly trades: number }[];
}

/** The same data directory with something changed in it. */
function tampered(change: (dir: string) => void): string {
  const dir = temporaryFolder();
  cpSync(data, dir, { recursive: true });
  change(dir);
  return dir;
}

beforeAll(
  async () => {
    let bot = await start();
    await bot.said(/ bought /);
    const kills = [Math.floor(EDITS / 3), Math.floor((2 * EDITS) / 3)];
    for (let number = 1; number <= EDITS; number++) {
      const made = await edit(bot, number);
      if (number === Math.floor(EDITS / 2)) {
        await verb(["rollback", "momentum"]);
        await bot.status(
          "what ran before",
          (status) => runningIn(status).length === 1 && runningIn(status)[0] !== made,
        );
      }
      if (!kills.includes(number)) continue;
      await bot.end("SIGKILL");
      bot = await start();
    }
    await bot.end("SIGTERM");
  },
  30_000 + EDITS * 2_000,
);

describe("after live edits, a rollback and two kills", () => {
  test("every decision is made again, to the byte and the tick, and so is the whole ledger", async () => {
    const { decisions, matched, mismatched } = await verb<Replayed>(["replay", "--all"]);
    expect(mismatched).toEqual([]);
    expect(matched).toBe(decisions);
    expect(decisions).toBeGreaterThan(16 * EDITS);
  });

  test("every trade names its code, and every invariant holds", async () => {
    const args = ["audit", "--journal", "journal.ndjson"];
    const { trades, tracedTrades, invariants, chain, byVersion } = await verb<Audited>(args);
    const rows = readFileSync(join(folder, "journal.ndjson"), "utf8").trim().split("\n");
    expect(rows.map((row) => (JSON.parse(row) as { readonly seq: number }).seq).at(-1)).toBe(chain.rows);
    expect(rows).toHaveLength(chain.rows);
    expect(invariants.filter(({ violations }) => violations > 0)).toEqual([]);
    expect(chain.firstBad).toBeNull();
    expect(trades).toBeGreaterThan(0);
    expect(tracedTrades).toBe(trades);
    expect(byVersion.filter(({ strategy }) => strategy === "momentum").length).toBeGreaterThanOrEqual(EDITS);
  });

  test("a trade shows the very text that made it", async () => {
    const db = new DatabaseSync(join(data, "underway.db"), { readOnly: true });
    const { trade, code } = db
      .prepare("SELECT trade_id AS trade, code FROM fills WHERE strategy = 'momentum' ORDER BY rowid DESC LIMIT 1")
      .get() as { trade: string; code: string };
    db.close();
    const { code: exit, stdout } = await run(folder, ["audit", trade]);
    expect(exit).toBe(0);
    expect(stdout).toContain(code.slice(0, 8));
    expect(stdout).toMatch(/lean: param\.number\(\{ default: \d/);
  });

  test("one flipped byte in the journal is found, with its row", async () => {
    let seq = 0;
    const dir = tampered((copy) => {
      const db = new DatabaseSync(join(copy, "underway.db"));
      db.exec("DROP TRIGGER IF EXISTS journal_no_update");
      const row = db.prepare("SELECT seq, body FROM journal ORDER BY seq LIMIT 1 OFFSET 9").get()!;
      seq = Number(row.seq);
      const body = Uint8Array.from(row.body as Uint8Array);
      body[Math.floor(body.length / 2)]! ^= 1;
      db.prepare("UPDATE journal SET body = ? WHERE seq = ?").run(body, seq);
      db.close();
    });
    const { chain } = await verb<Audited>(["audit", "--dir", dir], 1);
    expect(chain).toMatchObject({ ok: false, firstBad: { seq } });
  });

  test("rows that were cut off the end are missed", async () => {
    const dir = tampered((copy) => {
      const db = new DatabaseSync(join(copy, "underway.db"));
      db.exec("DROP TRIGGER journal_pruned_by_age");
      db.exec("DELETE FROM journal WHERE seq > (SELECT max(seq) FROM journal) - 3");
      db.close();
    });
    const { chain } = await verb<Audited>(["audit", "--dir", dir], 1);
    expect(chain).toMatchObject({ ok: false, firstBad: { what: expect.stringContaining("is cut off") } });
  });

  test("one flipped byte in the version store is found, with its file", async () => {
    let name = "";
    const dir = tampered((copy) => {
      const folder = join(copy, "versions");
      name = readdirSync(folder).find((each) => each.endsWith(".json.gz"))!;
      const bytes = readFileSync(join(folder, name));
      bytes[Math.floor(bytes.length / 2)]! ^= 1;
      writeFileSync(join(folder, name), bytes);
    });
    const { code, stdout } = await run(folder, ["audit", "--dir", dir, "--json"]);
    expect(code).toBe(1);
    expect(stdout).toContain(name);
  });

  test("a figure that was changed in the ledger is not what the journal wrote", async () => {
    const dir = tampered((copy) => {
      const db = new DatabaseSync(join(copy, "underway.db"));
      db.exec("DROP TRIGGER fills_no_update");
      db.exec("UPDATE fills SET at_ms = at_ms + 1 WHERE rowid = (SELECT min(rowid) FROM fills)");
      db.close();
    });
    const { invariants } = await verb<Audited>(["audit", "--dir", dir], 1);
    expect(invariants.find(({ id }) => id === "ledger-is-what-was-journaled")).toMatchObject({ violations: 1 });
  });
});
