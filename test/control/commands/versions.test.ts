import { execFile } from "node:child_process";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { renderVersions } from "../../../control/commands/versions.ts";
import { openLedger } from "../../../control/ledger-file.ts";
import { versionHistory } from "../../../control/version-history.ts";
import type { CodeVersion, MarketId, SlotId } from "../../../engine/base/ids.ts";
import { BLANK_RECEIPT, type Receipt } from "../../../engine/reload/receipt.ts";
import { InThreadStore } from "../../../engine/store/in-thread-store.ts";
import type { Write } from "../../../engine/store/tables.ts";
import { rows } from "../../contract/store-rows.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const code = (digit: string) => digit.repeat(64) as CodeVersion;
const NOON = Date.parse("2026-06-08T12:00:00Z");

const receipt = (changes: Partial<Receipt>): Receipt => ({
  ...BLANK_RECEIPT,
  id: "momentum-1",
  strategy: "momentum",
  cause: "file",
  state: "active",
  at: "2026-06-08T12:00:00.000Z",
  ...changes,
});

const receiptRow = (number: number, body: Receipt): Write => ({
  table: "receipts",
  row: {
    id: body.id,
    number,
    strategy: body.strategy,
    state: body.state,
    body: JSON.stringify(body),
    trial: null,
    atMs: NOON,
  },
});

async function ledger(writes: readonly Write[]): Promise<string> {
  const dir = temporaryFolder();
  const store = new InThreadStore({ dir }, { durable: () => {}, failed: ({ message }) => expect.fail(message) });
  await store.recover();
  store.commit({ seq: 1, writes });
  await store.close();
  return dir;
}

const version = (digit: string, ordinal: number, firstSeenMs: number, strategy = "momentum"): Write => ({
  table: "versions",
  row: { strategy, code: code(digit), ordinal, firstSeenMs },
});
const activation = (digit: string, slot: string, cycle: number, strategy = "momentum"): Write => ({
  table: "activations",
  row: { ...rows.activations, strategy, code: code(digit), slot: slot as SlotId, cycle, atMs: NOON + cycle * 1_000 },
});
const position = (digit: string, market: string, realisedMicros: number): Write => ({
  table: "positions",
  row: { ...rows.positions, code: code(digit), market: market as MarketId, realisedMicros, feesMicros: 100_000 },
});
const decided = (digit: string, params: string, count: number): Write => ({
  table: "decision_counts",
  row: { strategy: "momentum", code: code(digit), params: code(params) as never, decided: count },
});

const traded = () =>
  ledger([
    version("a", 1, 0),
    version("b", 2, NOON + 60_000),
    version("c", 3, NOON + 120_000),
    version("d", 1, NOON, "trend"),
    activation("a", "BTC-5m-momentum", 1),
    activation("a", "ETH-5m-momentum", 1),
    activation("d", "BTC-15m-trend", 1, "trend"),
    activation("b", "BTC-5m-momentum", 60),
    decided("a", "1", 40),
    decided("a", "2", 2),
    position("a", "m-1", 4_100_000),
    position("a", "m-2", -5_000_000),
    position("b", "m-3", 50_000),
    receiptRow(1, receipt({ id: "momentum-1", to: "momentum@aaaaaaaa", code: code("a"), state: "permanent" })),
    receiptRow(
      2,
      receipt({
        id: "momentum-2",
        from: "momentum@aaaaaaaa",
        to: "momentum@bbbbbbbb",
        code: code("b"),
        approvedBy: "ops",
        timingsMs: { bundled: 12.4, rehearsed: 230.2 },
        boundaryCycle: 60,
        boundaryUs: 31.4,
      }),
    ),
    receiptRow(
      3,
      receipt({ id: "momentum-3", code: code("c"), state: "rejected", stage: "gated", reasons: ["it is impure"] }),
    ),
  ]);

describe("the versions of a ledger", () => {
  test("are told the newest first, each with what it decided, earned and became", async () => {
    const db = openLedger(await traded(), "Cannot show versions");
    const { versions, receipts } = versionHistory(db, "momentum");
    db.close();
    expect(versions.map(({ version, ordinal }) => `${version} v${ordinal}`)).toEqual([
      "momentum@cccccccc v3",
      "momentum@bbbbbbbb v2",
      "momentum@aaaaaaaa v1",
    ]);
    expect(versions[0]).toMatchObject({
      running: [],
      activations: 0,
      trades: 0,
      winRate: null,
      lastReceipt: { id: "momentum-3", state: "rejected", stage: "gated", reasons: ["it is impure"] },
    });
    expect(versions[1]).toMatchObject({ running: ["BTC-5m-momentum"], trades: 1, wins: 0, pnlMicros: -50_000 });
    expect(versions[2]).toMatchObject({
      // It came before the first cycle, so its time is that of its first boundary.
      firstSeen: "2026-06-08T12:00:01.000Z",
      running: ["ETH-5m-momentum"],
      activations: 2,
      slots: 2,
      decisions: 42,
      trades: 2,
      wins: 1,
      winRate: 0.5,
      pnlMicros: -1_100_000,
      lastReceipt: { state: "permanent" },
    });
    expect(receipts.map(({ id }) => id)).toEqual(["momentum-3", "momentum-2", "momentum-1"]);
  });

  test("are those of all strategies where none is named", async () => {
    const db = openLedger(await traded(), "Cannot show versions");
    expect(new Set(versionHistory(db, null).versions.map(({ strategy }) => strategy))).toEqual(
      new Set(["momentum", "trend"]),
    );
    db.close();
  });

  test("are shown in lines, with the latest receipts of one strategy", async () => {
    const db = openLedger(await traded(), "Cannot show versions");
    const options = { width: 160, paint: (_: unknown, text: string) => text };
    const text = renderVersions(versionHistory(db, "momentum"), { ...options, withReceipts: true });
    db.close();
    expect(text).toContain("3 versions, 2 running: momentum@bbbbbbbb, momentum@aaaaaaaa.");
    expect(text).toMatch(/^momentum@aaaaaaaa +v1 +2026-06-08 12:00:01 +1 slot .* 1 of 2 +−1\.10 +permanent$/m);
    expect(text).toMatch(/^momentum@cccccccc .* rejected at gated: it is impure$/m);
    expect(text).toContain(
      "2026-06-08 12:00:00 file · momentum@aaaaaaaa → momentum@bbbbbbbb · bundled 12 ms, rehearsed 230 ms · approved by ops · boundary at cycle 60, 31 µs · active",
    );
  });
});

describe("a ledger that cannot be read", () => {
  test.each([
    ["is not there", () => {}, "no bot ever ran here"],
    ["is of another engine", (path: string) => new DatabaseSync(path).exec("PRAGMA user_version = 99"), "version 99"],
  ])("%s: an error that says so", (_, prepare, message) => {
    const dir = temporaryFolder();
    prepare(join(dir, "underway.db"));
    expect(() => openLedger(dir, "Cannot show versions")).toThrow(
      expect.objectContaining({ code: "data", message: expect.stringContaining(message) }),
    );
  });
});

test.concurrent.each([
  [["versions"], 4, /no bot ever ran here/],
  [["diff", "v1", "v2"], 4, /no bot ever ran here/],
  [["dry-run", "momentun"], 2, /did you mean "momentum"/],
  [["dry-run"], 2, /missing required argument/],
])("%j ends with %i", async (args, code, message) => {
  const nowhere = args.length > 1 || args[0] === "versions" ? ["--dir", "nowhere"] : [];
  const { exitCode, stderr } = await new Promise<{ exitCode: unknown; stderr: string }>((resolve) => {
    execFile(process.execPath, ["control/main.ts", ...args, ...nowhere], (error, _, stderr) =>
      resolve({ exitCode: error?.code ?? 0, stderr }),
    );
  });
  expect(exitCode).toBe(code);
  expect(stderr).toMatch(message);
});
