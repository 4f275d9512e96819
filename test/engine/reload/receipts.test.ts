// Receipts: forward or to an end, once; written as they change, and found again after a restart.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Alarms } from "../../../engine/alarms.ts";
import { Outbox } from "../../../engine/outbox.ts";
import {
  ENDINGS,
  isEnding,
  mayFollow,
  type Receipt,
  type ReceiptState,
  STAGES,
} from "../../../engine/reload/receipt.ts";
import { Receipts } from "../../../engine/reload/receipts.ts";
import type { ReceiptRow } from "../../../engine/store/tables.ts";
import { Turn } from "../../../engine/turn.ts";
import { aReceipt } from "../../support/a-receipt.ts";
import { versionFacts } from "../../support/version-facts.ts";

const STATES: readonly ReceiptState[] = [...STAGES, ...ENDINGS];
const state = fc.constantFrom(...STATES);

describe("a receipt", () => {
  test.each(STATES)("from %s goes forward or to an end, and back only where it traded", (from) => {
    const stage = STAGES.indexOf(from as never);
    const traded = ["gated", "armed", "active"].includes(from); // A canary trades at the gate.
    const expected = STATES.filter((to) => {
      if (stage === -1 || from === "permanent") return false;
      return to === "rolled-back" ? traded : isEnding(to) || STAGES.indexOf(to as never) >= stage;
    });
    expect(STATES.filter((to) => mayFollow(from, to))).toEqual(expected);
  });

  test("ends once, and no stage comes back, whatever is tried", () => {
    fc.assert(
      fc.property(fc.array(state, { maxLength: 30 }), (tries) => {
        const went: ReceiptState[] = ["detected"];
        for (const to of tries) if (mayFollow(went.at(-1)!, to)) went.push(to);
        const ends = went.filter((each) => isEnding(each) || each === "permanent");
        expect(ends.length).toBeLessThanOrEqual(1);
        const stages = went.filter((each) => !isEnding(each)).map((each) => STAGES.indexOf(each as never));
        expect(stages).toEqual([...stages].sort((one, other) => one - other));
      }),
    );
  });
});

const facts = versionFacts();
const receipt = (id: string, changes: Partial<Receipt> = {}) => aReceipt(id, [facts], changes);

/** The store as far as receipts are concerned: the newest row of each. */
class Table {
  readonly rows = new Map<string, ReceiptRow>();
  readonly #outbox = new Outbox();
  readonly turn = new Turn(1, 1_000, this.#outbox, new Alarms([], 0));

  open(): Receipts {
    for (const write of this.#outbox.writes.splice(0))
      if (write.table === "receipts") this.rows.set(write.row.id, write.row);
    const rows = [...this.rows.values()].sort((a, b) => a.number - b.number);
    return new Receipts(rows, rows.at(-1)?.number ?? 0);
  }
}

describe("the book of receipts", () => {
  test("writes every change, with its number and what the gate has counted", () => {
    const table = new Table();
    const receipts = table.open();
    const id = receipts.nextId("momentum");
    receipts.put(receipt(id), "{}", table.turn);
    receipts.put(receipt(id, { state: "armed" }), null, table.turn);
    table.open();
    expect([...table.rows.values()]).toMatchObject([
      { id: "momentum-1", number: 1, strategy: "momentum", state: "armed", trial: null, atMs: 1_000 },
    ]);
  });

  test("takes a step back for a bug", () => {
    const table = new Table();
    const receipts = table.open();
    const id = receipts.nextId("momentum");
    receipts.put(receipt(id, { state: "active" }), null, table.turn);
    expect(() => receipts.put(receipt(id), null, table.turn)).toThrow("Receipt momentum-1 goes from active to gated");
  });

  test("knows those that are under way, and the last word on each strategy, and forgets the others", () => {
    const table = new Table();
    const receipts = table.open();
    const put = (id: string, changes: Partial<Receipt>) => receipts.put(receipt(id, changes), null, table.turn);
    const [a, b, c, d] = [1, 2, 3].map(() => receipts.nextId("momentum")).concat(receipts.nextId("trend")) as [
      string,
      string,
      string,
      string,
    ];
    put(a, { state: "rejected" });
    put(b, { state: "active" });
    put(d, { state: "rejected", strategy: "trend" });
    put(c, { state: "rejected" });
    const look = (of: Receipts) => [
      [a, b, c, d].map((id) => of.get(id)?.state ?? null),
      of.of("momentum")?.id,
      of.of("trend")?.id,
      of.underway.map(({ id }) => id),
    ];
    const expected = [[null, "active", "rejected", "rejected"], c, d, [b]];
    expect(look(receipts)).toEqual(expected);
    put(b, { state: "superseded" });
    expect(look(receipts)).toEqual([[null, null, "rejected", "rejected"], c, d, []]);
    expect(receipts.last?.id).toBe(d);
  });

  test("finds after a restart what stood at the gate, with what it had counted, also when something was refused since", () => {
    const table = new Table();
    const before = table.open();
    const [id, refused] = [before.nextId("momentum"), before.nextId("momentum")];
    before.put(receipt(id), '{"windows":{}}', table.turn);
    before.put(receipt(refused, { state: "rejected" }), null, table.turn);
    const receipts = table.open();
    expect(receipts.interrupted("momentum")?.id).toBe(id);
    expect(receipts.interrupted("trend")).toBeNull();
    expect(receipts.trial(id)).toBe('{"windows":{}}');
  });

  test("takes what was armed and never crossed its boundary for one that waits", () => {
    const table = new Table();
    const before = table.open();
    const id = before.nextId("momentum");
    before.put(receipt(id, { state: "armed" }), null, table.turn);
    const receipts = table.open();
    expect(receipts.interrupted("momentum")).toMatchObject({ id, state: "gated" });
    receipts.put(receipt(id, { state: "armed" }), null, table.turn);
  });

  test("gives no number twice, whatever the strategy", () => {
    const table = new Table();
    const before = table.open();
    const ids = [before.nextId("momentum"), before.nextId("trend")];
    for (const id of ids) before.put(receipt(id, { strategy: id.slice(0, -2) }), null, table.turn);
    expect([...ids, table.open().nextId("momentum")]).toEqual(["momentum-1", "trend-2", "momentum-3"]);
  });
});
