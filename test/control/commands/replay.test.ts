// `replay` as it is typed, on what a bot of this release has left behind.
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { type ReplayFlags, showReplay } from "../../../control/commands/replay.ts";
import { UserError } from "../../../engine/base/errors.ts";
import { JournalReader } from "../../../engine/journal/journal-reader.ts";
import { VersionStore } from "../../../engine/versions/version-store.ts";
import { temporaryFolder } from "../../engine/versions/temporary-folder.ts";
import { goldenReleases, openGolden } from "../../support/golden.ts";

vi.mock("../../../control/terminal.ts", () => ({ columns: () => 120, hasColor: () => false, endWithReader: () => {} }));

const golden = openGolden(goldenReleases().at(-1)!);
afterAll(() => golden.remove());

async function replay(flags: Omit<ReplayFlags, "dir">, dir = golden.dir): Promise<{ code: number; said: string }> {
  let said = "";
  const write = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    said += String(text);
    return true;
  });
  try {
    return { code: await showReplay({ ...flags, dir }), said };
  } finally {
    write.mockRestore();
  }
}

const json = async (flags: Omit<ReplayFlags, "dir">, dir = golden.dir) => {
  const { code, said } = await replay({ ...flags, json: true }, dir);
  return { code, ...JSON.parse(said.trimEnd().split("\n").at(-1)!) };
};

const refusal = async (flags: Omit<ReplayFlags, "dir">, dir = golden.dir): Promise<UserError> => {
  const error: unknown = await replay(flags, dir).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(UserError);
  return error as UserError;
};

/** Another data directory of the same bot, changed. */
function changed(change: (dir: string) => void): string {
  const dir = temporaryFolder();
  cpSync(golden.dir, dir, { recursive: true });
  change(dir);
  return dir;
}

interface Bought {
  readonly trade: string;
  readonly order: string;
  readonly position: string;
  readonly decision: string;
}
let bought: Bought;
beforeAll(() => {
  const db = new DatabaseSync(join(golden.dir, "underway.db"), { readOnly: true });
  bought = db
    .prepare(
      `SELECT f.trade_id AS trade, o.client_order_id AS "order", o.slot || '/' || o.market AS position,
        o.slot || '@' || o.cycle AS decision
      FROM fills f JOIN orders o USING (client_order_id) WHERE o.leg = 'entry' LIMIT 1`,
    )
    .get() as unknown as Bought;
  db.close();
});

describe("what is replayed", () => {
  test("has to be said, in one way", async () => {
    expect((await refusal({})).hint).toContain("--decision BTC-5m-momentum@120431");
    expect((await refusal({ all: true, cycle: 3 })).message).toContain("--cycle and --all");
    expect((await refusal({ decision: "BTC" })).code).toBe("usage");
    expect((await refusal({ trade: "none" })).message).toContain('"none"');
    expect((await refusal({ cycle: 100_000 })).message).toContain("the journal has no decision of it");
  });

  test("is one cycle, or all from a time on, in which there may be nothing", async () => {
    const { decisions, matched, code } = await json({ cycle: 20 });
    expect([decisions > 0, matched, code]).toEqual([true, decisions, 0]);
    const all = await json({ since: 0 });
    expect([all.matched, all.code]).toEqual([all.decisions, 0]);
    expect(await replay({ since: Date.UTC(2100, 0, 1) })).toEqual({
      code: 0,
      said: expect.stringMatching(/^0 decisions/),
    });
  });

  test("is the decision behind a fill, an order or a position, with all that it saw", async () => {
    for (const trade of [bought.trade, bought.order]) {
      const { shown, matched } = await json({ trade });
      expect([matched, shown.length, shown[0].decision]).toEqual([1, 1, bought.decision]);
    }
    const behind = (await json({ trade: bought.position })).shown.map(({ decision }: { decision: string }) => decision);
    expect(behind).toContain(bought.decision);
  });

  test("is one decision: its code, its params, every number by its name, and its answer", async () => {
    const { code, shown, matched } = await json({ decision: bought.decision });
    expect([code, matched]).toEqual([0, 1]);
    const [view] = shown;
    expect(view).toMatchObject({
      decision: bought.decision,
      version: expect.stringMatching(/^leans@[0-9a-f]{8}$/),
      params: { edge: expect.any(Number) },
      frame: { asset: "btc", secondsLeft: expect.any(Number), upAsk: expect.any(Number) },
      signal: { kind: expect.stringMatching(/up|down/), probability: expect.any(Number) },
      fault: null,
    });
    expect(view.inputs.fair.value.value).toEqual(expect.any(Number));
    expect(view.inputs.move.score.closed).toHaveLength(17);
    expect(Object.keys(view.inputs.bars)).toEqual(["open", "high", "low", "close", "volume"]);
    const { said } = await replay({ decision: bought.decision });
    expect(said).toContain(`${bought.decision}  2026-`);
    expect(said).toMatch(/\n {2}fair +0\.\d+ · before /);
    expect(said).toMatch(/\n {2}move\.score +-?\d/);
    expect(said.trimEnd()).toMatch(/1 decision, matched, bytes and fuel$/);
  });
});

describe("what does not match", () => {
  test("is named with what was recorded and what came out, and ends with 1", async () => {
    // A recorded decision that is not what its code says: the journal itself is written anew, and whole.
    const db = new DatabaseSync(join(golden.dir, "underway.db"), { readOnly: true });
    const rows = [...new JournalReader(db).rows()];
    db.close();
    const altered = rows.map((row) => ({
      ...row,
      events: row.events.map((event) => {
        if (event.type !== "Decided" || event.cycle !== 20) return event;
        const [first, ...others] = event.decisions;
        const result = { ...first!.result, fuel: first!.result.fuel + 1 };
        return { ...event, decisions: [{ request: first!.request, result }, ...others] };
      }),
    }));
    const spied = vi.spyOn(JournalReader.prototype, "rows").mockImplementation(function* () {
      yield* altered;
    });
    onTestFinished(() => spied.mockRestore());
    const { code, matched, decisions, mismatched, mismatchedTotal } = await json({ since: 0 });
    expect([code, mismatchedTotal, matched]).toEqual([1, 1, decisions - 1]);
    expect(mismatched).toMatchObject([
      { cycle: 20, field: "fuel", fields: ["fuel"], recorded: mismatched[0].replayed + 1 },
    ]);
    const { said } = await replay({ since: 0 });
    expect(said).toContain("1 DO NOT MATCH");
    expect(said).toContain(`\n${mismatched[0].decision}  ${mismatched[0].version}  fuel differs\n`);
  });
});

describe("what is damaged or gone", () => {
  test("is refused with its file", async () => {
    let file = "";
    const dir = changed((copy) => {
      const folder = join(copy, "runtimes");
      file = join(folder, readdirSync(folder)[0]!);
      const bytes = readFileSync(file);
      bytes[bytes.length >> 1]! ^= 1;
      writeFileSync(file, bytes);
    });
    expect(await refusal({ cycle: 20 }, dir)).toMatchObject({ code: "data", where: file });
  });

  test("is refused with its row", async () => {
    const dir = changed((copy) => {
      const db = new DatabaseSync(join(copy, "underway.db"));
      db.exec("DROP TRIGGER journal_no_update");
      db.exec("UPDATE journal SET at_ms = at_ms + 1 WHERE seq = 9");
      db.close();
    });
    expect((await refusal({ all: true }, dir)).message).toMatch(
      /^Cannot replay: the journal is damaged, row 9 \(cycle \d+/,
    );
  });

  test("is no decision that matches: of versions without a recipe that is said, and 1 where they were asked for", async () => {
    const dir = changed((copy) => rmSync(join(copy, "recipes"), { recursive: true }));
    const all = await json({ since: 0 }, dir);
    expect(all).toMatchObject({ code: 0, matched: 0, notReplayable: all.decisions - all.undecided });
    const { code, said } = await replay({ decision: bought.decision }, dir);
    expect(code).toBe(1);
    expect(said).toContain("what its inputs are called is not kept");
    expect(said).toContain("1 not replayable");
    expect(said.replace(/\s+/g, " ")).toMatch(/leans@\w{8} .* recorded before recipes were kept/);
  });
});

describe("what if it had been another file", () => {
  const source = (() => {
    const store = new VersionStore(golden.dir);
    const of = (name: string) =>
      store
        .list()
        .map((code) => store.get(code))
        .find(({ strategy }) => strategy === name)!;
    return (name: string) => of(name).sources[`${name}.ts`]!;
  })();
  const file = (name: string, text: string): string => join(temporaryFolder({ [`${name}.ts`]: text }), `${name}.ts`);

  test("shows how many of which kind became which, and where", async () => {
    const whatIf = file("leans", source("leans").replace("default: 0.01", "default: 0.19"));
    const { code, decisions, counts, changed, changedTotal, version } = await json({ whatIf });
    expect(code).toBe(0);
    expect(version).toMatch(/^leans@/);
    expect(counts["up → hold"] ?? counts["down → hold"]).toBeGreaterThan(0);
    expect(decisions).toBe(Object.values<number>(counts).reduce((a, b) => a + b));
    expect(changedTotal).toBeGreaterThanOrEqual(changed.length);
    const { said } = await replay({ whatIf });
    expect(said).toMatch(/^leans@\w{8} decides \d+ of \d+ recorded decisions otherwise, in \d+ window/);
    expect(said).toMatch(/\n +\d+ {2}(up|down) → hold\n/);
    expect(said).toContain("BTC-5m-leans");
  });

  test("refuses a file that cannot be loaded as check shows it, and one of which nobody can say whose decisions it is", async () => {
    const broken = await replay({ whatIf: file("leans", `${source("leans")}\nDate.now();`) });
    expect(broken.code).toBe(1);
    expect(broken.said).toMatch(/strategies\/leans\.ts:\d+:1 {2}Cannot use Date: .*\(admitted\)\n +\d+ \|/);
    expect((await refusal({ whatIf: file("others", source("leans")) })).hint).toContain("counts, leans");
    expect((await refusal({ whatIf: "nowhere.ts" })).message).toContain("there is no such file");
  });
});
