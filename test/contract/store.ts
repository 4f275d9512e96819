// What every store promises, in whichever thread it runs.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { CodeVersion, MarketId, SlotId } from "../../engine/base/ids.ts";
import type { Batch, Store, StoreFailure, StoreListener } from "../../engine/store/port.ts";
import type { MarketRow, Write } from "../../engine/store/tables.ts";
import { everyRow, rows, write } from "./store-rows.ts";

export type OpenStore = (dir: string, listener: StoreListener) => Promise<Store>;

const root = mkdtempSync(join(tmpdir(), "underway-store-"));
afterAll(() => rmSync(root, { recursive: true }));

export const temporaryDir = (): string => mkdtempSync(join(root, "dir-"));

/** Counts batches, and waits for what the store says of them. */
export class StoreDriver implements StoreListener {
  readonly acknowledged: number[] = [];
  readonly failures: StoreFailure[] = [];
  #seq = 0;
  #wake: () => void = () => {};

  durable(seq: number): void {
    this.acknowledged.push(seq);
    this.#wake();
  }

  failed(failure: StoreFailure): void {
    this.failures.push(failure);
    this.#wake();
  }

  batch(writes: readonly Write[], urgent = false): Batch {
    this.#seq += 1;
    return { seq: this.#seq, writes, urgent };
  }

  /** Resolves when the last batch is durable, or the store failed. */
  async settled(): Promise<void> {
    while (this.acknowledged.at(-1) !== this.#seq && this.failures.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

export function describeStore(name: string, open: OpenStore): void {
  const start = async (dir = temporaryDir()) => {
    const driver = new StoreDriver();
    const store = await open(dir, driver);
    const commit = async (...writes: readonly Write[]): Promise<void> => {
      store.commit(driver.batch(writes));
      await driver.settled();
    };
    return { dir, driver, store, commit };
  };

  describe(`${name} as a store`, () => {
    test("a new ledger is empty", async () => {
      const { store } = await start();
      const recovered = await store.recover();
      expect(recovered).toMatchObject({ lastCycle: null, control: null, lastTransferId: 0, lastAlarmId: 0 });
      expect([recovered.orders, recovered.markets, recovered.balances, recovered.candles]).toEqual([[], [], [], []]);
      expect(await store.totals()).toMatchObject({ cycles: 0, decisions: 0, pnlMicros: 0, byVersion: [], settled: [] });
      await store.close();
    });

    test("what was acknowledged is recovered by the next life", async () => {
      const first = await start();
      await first.commit(...everyRow);
      expect(first.driver.acknowledged).toEqual([1]);
      const before = await first.store.recover();
      await first.store.close();
      const second = await start(first.dir);
      const after = await second.store.recover();
      await second.store.close();
      expect(after).toEqual(before);
      expect(after).toEqual({
        meta: [rows.meta],
        receipts: [rows.receipts],
        lastReceiptNumber: 1,
        lastCycle: rows.cycles,
        lastBotState: rows.bot_state,
        versions: [rows.versions],
        activations: [rows.activations],
        memories: [rows.memories],
        orders: [],
        fills: [],
        positions: [rows.positions],
        markets: [rows.markets],
        balances: [
          { account: "cash", balanceMicros: -5_400_000 },
          { account: "position:BTC-5m-momentum", balanceMicros: 5_400_000 },
        ],
        lastTransferId: 1,
        candles: [rows.candles],
        latches: [rows.latches],
        control: rows.controls,
        commands: [rows.commands],
        openAlarms: [rows.alarms],
        lastAlarmId: 1,
      });
    });

    test("acknowledgements come in order, the last one for the last batch", async () => {
      const { store, driver } = await start();
      for (let cycle = 1; cycle <= 300; cycle++) store.commit(driver.batch([write("cycles", { cycle })]));
      await driver.settled();
      expect(driver.acknowledged).toEqual([...driver.acknowledged].sort((a, b) => a - b));
      expect(driver.acknowledged.at(-1)).toBe(300);
      expect((await store.totals()).cycles).toBe(300);
      await store.close();
    });

    test("close makes durable what was queued", async () => {
      const { dir, store, driver } = await start();
      for (let cycle = 1; cycle <= 20; cycle++) store.commit(driver.batch([write("cycles", { cycle })]));
      await store.close();
      expect(driver.acknowledged.at(-1)).toBe(20);
      const next = await start(dir);
      expect((await next.store.recover()).lastCycle?.cycle).toBe(20);
      await next.store.close();
    });

    test("a fill that comes twice is a bug, and nothing is acknowledged after it", async () => {
      const { store, driver, commit } = await start();
      await commit(...everyRow);
      await commit(write("cycles", { cycle: 8 }), write("fills"));
      await commit(write("cycles", { cycle: 9 }));
      await expect(store.recover()).rejects.toThrow("fills.trade_id");
      expect(driver.acknowledged).toEqual([1]);
      expect(driver.failures).toMatchObject([{ kind: "bug", message: expect.stringContaining("fills.trade_id") }]);
      await store.close();
    });

    test("a batch is written whole or not at all", async () => {
      const { dir, store, commit } = await start();
      await commit(...everyRow);
      await commit(write("cycles", { cycle: 8 }), write("transfers", { id: 2, reference: null }), write("transfers"));
      await store.close();
      const next = await start(dir);
      expect(await next.store.recover()).toMatchObject({ lastCycle: { cycle: 7 }, lastTransferId: 1 });
      await next.store.close();
    });

    test("an order is replaced as it lives, and recovered until it is terminal", async () => {
      const { store, commit } = await start();
      const order = { filledSharesMicros: 0, venueOrderId: null } as const;
      await commit(write("versions"), write("orders", { ...order, status: "Initialized" }));
      await commit(write("orders", { ...order, status: "Submitted" }));
      expect((await store.recover()).orders).toEqual([{ ...rows.orders, ...order, status: "Submitted" }]);
      await commit(write("orders", { ...order, status: "Canceled", statusReason: "killed" }));
      expect((await store.recover()).orders).toEqual([]);
      expect((await store.totals()).orders).toBe(1);
      await store.close();
    });

    test("orders and fills of an open position are recovered, however terminal", async () => {
      const { store, commit } = await start();
      const open = { status: "open", outcome: null, closedAtMs: null, sharesMicros: 1 } as const;
      await commit(write("versions"), write("orders"), write("fills"), write("positions", open));
      expect(await store.recover()).toMatchObject({ orders: [rows.orders], fills: [rows.fills], positions: [open] });
      await store.close();
    });

    test("what runs in each slot is recovered in order, after what open positions are pinned to", async () => {
      const { store, commit } = await start();
      const [pinned, unused, running] = ["aa", "bb", "cc"].map((byte) => ({ code: byte.repeat(32) as CodeVersion }));
      const slot = "ETH-5m-momentum" as SlotId;
      const position = { ...pinned, status: "open", outcome: null, closedAtMs: null, sharesMicros: 1 } as const;
      await commit(
        write("activations", pinned),
        write("activations", unused),
        write("activations", { slot }),
        write("activations", running),
        write("positions", position),
      );
      const { activations } = await store.recover();
      expect(activations).toEqual([pinned, { slot }, running].map((change) => ({ ...rows.activations, ...change })));
      await store.close();
    });

    test("what decided in a slot before is recovered too, to go back to", async () => {
      const { store, commit } = await start();
      const [older, before, never, running] = ["aa", "bb", "cc", "dd"].map((byte) => ({
        code: byte.repeat(32) as CodeVersion,
      }));
      const ran = [older, before, never, running, before, running].map((change) => write("activations", change));
      const decided = [older, before, running].map((change) => write("decision_counts", { ...change, decided: 1 }));
      await commit(...ran, ...decided);
      const { activations } = await store.recover();
      expect(activations).toEqual([before, running].map((change) => ({ ...rows.activations, ...change })));
      await store.close();
    });

    test("latches of one kind stand beside each other, and are cleared one at a time", async () => {
      const { store, commit } = await start();
      const [first, second] = ["momentum@aa", "momentum@bb"].map((scope) => ({ kind: "quarantine", scope }));
      await commit(write("latches", first), write("latches", second));
      expect((await store.recover()).latches).toMatchObject([first, second]);
      await commit(write("latches", { ...first, clearedMs: 1, clearedBy: "ops", clearedReason: "mended" }));
      expect((await store.recover()).latches).toMatchObject([second]);
      await store.close();
    });

    test("markets are recovered while they are open, unresolved or unclaimed, and for an hour: a start hears of them again", async () => {
      const { store, commit } = await start();
      const { openMs, closeMs } = rows.markets;
      const market = (id: string, change: Partial<MarketRow>): Write =>
        write("markets", { market: id as MarketId, claimStatus: "none", ...change });
      await commit(
        write("cycles", { cycle: 1, atMs: closeMs + 3_600_000 }),
        market("lately", { closeMs: closeMs + 1 }),
        market("open", { openMs: closeMs, closeMs: closeMs + 300_000, venueOutcome: null }),
        market("early", { openMs: closeMs, closeMs: closeMs + 300_000, venueOutcome: "up" }),
        market("unresolved", { openMs: openMs - 1, venueOutcome: null }),
        market("nothing-held", {}),
        market("lost", {}),
        write("positions", { market: "lost" as MarketId, side: "down" }),
        market("unclaimed", {}),
        write("positions", { market: "unclaimed" as MarketId }),
        market("requested", { claimStatus: "requested" }),
        market("claimed", { claimStatus: "claimed" }),
        write("positions", { market: "claimed" as MarketId }),
      );
      const found = (await store.recover()).markets.map((row) => row.market);
      expect([...found].sort()).toEqual(["early", "lately", "open", "requested", "unclaimed", "unresolved"]);
      await store.close();
    });

    test("totals count decisions, trades, wins and profit by version", async () => {
      const { store, commit } = await start();
      const other = { code: "dd".repeat(32) as CodeVersion };
      const slot = "ETH-5m-momentum" as SlotId;
      await commit(...everyRow, write("versions", { ...other, ordinal: 15 }));
      await commit(
        write("cycles", { cycle: 8, decided: 2, faulted: 0 }),
        write("decision_counts", { decided: 2 }),
        write("decision_counts", { ...other, decided: 5 }),
        write("orders", { clientOrderId: "denied" as never, status: "Denied", filledSharesMicros: 0 }),
        write("positions", { ...other, slot, status: "closed", outcome: null, realisedMicros: 17_380 }),
      );
      const { strategy, params, code } = rows.positions;
      expect(await store.totals()).toEqual({
        cycles: 2,
        decisions: 5,
        faults: 1,
        orders: 1,
        fills: 1,
        voided: 0,
        feesMicros: 17_380,
        pnlMicros: 4_600_000 - 17_380,
        byVersion: [
          { strategy, params, code, decisions: 5, trades: 1, wins: 1, pnlMicros: 4_600_000 - 17_380 },
          { strategy, params, code: other.code, decisions: 5, trades: 1, wins: 0, pnlMicros: 0 },
        ],
        settled: [{ market: rows.markets.market, outcome: "up" }],
      });
      await store.close();
    });

    test("equal ledgers export equal bytes, one sorted object a line", async () => {
      const { dir, store, commit } = await start();
      await commit(...everyRow);
      const first = join(dir, "first.ndjson");
      expect(await store.exportTo(first)).toEqual({ rows: 5 });
      await store.close();
      const next = await start(dir);
      const second = join(dir, "second.ndjson");
      await next.store.exportTo(second);
      await next.store.close();
      const text = readFileSync(first, "utf8");
      expect(readFileSync(second, "utf8")).toBe(text);
      const lines = text.trimEnd().split("\n");
      expect(lines.map((line) => JSON.parse(line).table)).toEqual([
        "orders",
        "fills",
        "positions",
        "transfers",
        "markets",
      ]);
      expect(JSON.parse(lines[1]!)).toEqual({ table: "fills", ...rows.fills });
      for (const line of lines) expect(Object.keys(JSON.parse(line))).toEqual(Object.keys(JSON.parse(line)).sort());
    });

    test("an export that cannot be written says where", async () => {
      const { dir, store } = await start();
      const path = join(dir, "missing", "out.ndjson");
      await expect(store.exportTo(path)).rejects.toMatchObject({ name: "UserError", where: path });
      await store.close();
    });

    test("a ledger of another schema is refused as the user's mistake", async () => {
      const dir = temporaryDir();
      const { DatabaseSync } = await import("node:sqlite");
      const db = new DatabaseSync(join(dir, "underway.db"));
      db.exec("CREATE TABLE x (y); PRAGMA user_version = 99");
      db.close();
      await expect(start(dir)).rejects.toMatchObject({
        name: "UserError",
        code: "data",
        message: /version 99.*knows 1/,
      });
    });
  });
}
