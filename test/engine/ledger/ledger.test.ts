// The books: every cent has two sides, and the desk's whole story can be told again from its fills in any order.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Alarms } from "../../../engine/alarms.ts";
import { Desk } from "../../../engine/execution/desk.ts";
import type { Fill } from "../../../engine/execution/order.ts";
import { notionalMicros } from "../../../engine/execution/position.ts";
import { Ledger } from "../../../engine/ledger/ledger.ts";
import { Outbox } from "../../../engine/outbox.ts";
import type { TransferRow } from "../../../engine/store/tables.ts";
import { Turn } from "../../../engine/turn.ts";
import { aMarket, NOON, UNIT } from "../../support/a-market.ts";
import { aFill, anIntent } from "../../support/an-order.ts";
import { CASH, SLOT } from "../../support/core.ts";
import { NOTHING_RECOVERED } from "../../support/recovered.ts";

const NO_CAUSE = { market: null, slot: null, version: null, reference: null };
const AT = { cycle: 1, atMs: NOON };
const MARKET = aMarket().id;

describe("a transfer", () => {
  test("takes from one account what it gives to the other", () => {
    const ledger = new Ledger([], 0);
    ledger.transfer("deposit", "cash", "equity", 7, NO_CAUSE, AT);
    expect([ledger.balance("cash"), ledger.balance("equity")]).toEqual([7, -7]);
  });

  test("of nothing is none, and its number is not used", () => {
    const ledger = new Ledger([], 0);
    expect(ledger.transfer("fee", `fees:${SLOT}`, "cash", 0, NO_CAUSE, AT)).toBeNull();
    expect(ledger.isEmpty).toBe(true);
    expect(ledger.transfer("deposit", "cash", "equity", 1, NO_CAUSE, AT)).toMatchObject({ row: { id: 1 } });
  });

  test.each([-1, 0.5, Number.NaN, 2 ** 53])("of %d is a bug", (amount) => {
    expect(() => new Ledger([], 0).transfer("fee", "cash", "equity", amount, NO_CAUSE, AT)).toThrow("Transfer fee");
  });

  test("to itself is a bug", () => {
    expect(() => new Ledger([], 0).transfer("fee", "cash", "cash", 1, NO_CAUSE, AT)).toThrow("to itself");
  });
});

test("a ledger goes on from stored balances", () => {
  const ledger = new Ledger(
    [
      { account: `pnl:${SLOT}`, balanceMicros: -5 },
      { account: `fees:${SLOT}`, balanceMicros: 2 },
    ],
    41,
  );
  expect(ledger.profitMicros(SLOT)).toBe(3);
  expect(ledger.transfer("profit", "cash", `pnl:${SLOT}`, 1, NO_CAUSE, AT)).toMatchObject({ row: { id: 42 } });
});

/** A desk with one buy and one sell order of `size` shares, and everything it writes. */
function openDesk(size: number) {
  const desk = new Desk(NOTHING_RECOVERED);
  const outbox = new Outbox();
  const turn = new Turn(1, NOON, outbox, new Alarms([], 0));
  desk.deposit(CASH, turn);
  const buy = anIntent({ sharesMicros: size });
  const sell = anIntent({
    clientOrderId: "s" as typeof buy.clientOrderId,
    leg: "exit",
    action: "sell",
    sharesMicros: size,
  });
  desk.place(buy, turn);
  desk.place(sell, turn);
  const transfers = (): TransferRow[] =>
    outbox.writes.flatMap((write) => (write.table === "transfers" ? [write.row] : []));
  return { desk, turn, transfers, buy, sell };
}

/** Every account's balance, told from the rows alone. */
function fold(rows: readonly TransferRow[]): Record<string, number> {
  const balances: Record<string, number> = {};
  for (const { debit, credit, amountMicros } of rows) {
    balances[debit] = (balances[debit] ?? 0) + amountMicros;
    balances[credit] = (balances[credit] ?? 0) - amountMicros;
  }
  return Object.fromEntries(
    Object.entries(balances)
      .filter(([, balance]) => balance !== 0)
      .sort(),
  );
}

const trade = fc.record({
  sharesMicros: fc.integer({ min: 1, max: 20 * UNIT }),
  priceMicros: fc.integer({ min: 1_000, max: 999_000 }),
  feeMicros: fc.integer({ min: 0, max: 200_000 }),
});
const story = fc.record({
  buys: fc.array(trade, { minLength: 1, maxLength: 5 }),
  sells: fc.array(trade, { maxLength: 5 }),
  outcome: fc.constantFrom("up" as const, "down" as const, "void" as const),
  isClaimed: fc.boolean(),
});
type Story = typeof story extends fc.Arbitrary<infer S> ? S : never;

/** The story's fills, with sells cut to what is held. */
function fillsOf({ buys, sells }: Story) {
  const buyFills = buys.map((each, index) => aFill(`b${index}`, each));
  let held = buys.reduce((sum, { sharesMicros }) => sum + sharesMicros, 0);
  const size = held;
  const sellFills: Fill[] = [];
  for (const [index, each] of sells.entries()) {
    const sharesMicros = Math.min(held, each.sharesMicros);
    if (sharesMicros === 0) break;
    held -= sharesMicros;
    sellFills.push(aFill(`s${index}`, { ...each, sharesMicros, clientOrderId: "s" as Fill["clientOrderId"] }));
  }
  return { size, buyFills, sellFills };
}

function tell(told: Story, fills: readonly Fill[], size: number) {
  const world = openDesk(size);
  for (const fill of fills) world.desk.book(fill, world.turn);
  world.desk.resolve(MARKET, told.outcome, world.turn);
  const owed = world.desk.ledger.balance("claims");
  if (told.isClaimed) world.desk.claimed(MARKET, owed, world.turn);
  return { ...world, owed };
}

test("any story of buys, sells and a settlement balances to the micro", () => {
  fc.assert(
    fc.property(story, (told) => {
      const { size, buyFills, sellFills } = fillsOf(told);
      const { desk, transfers, owed } = tell(told, [...buyFills, ...sellFills], size);
      const balances = fold(transfers());
      expect(Object.values(balances).reduce((sum, balance) => sum + balance, 0)).toBe(0);
      const spent = (fills: readonly Fill[]) =>
        fills.reduce((sum, fill) => sum + notionalMicros(fill.sharesMicros, fill.priceMicros), 0);
      const fees = [...buyFills, ...sellFills].reduce((sum, { feeMicros }) => sum + feeMicros, 0);
      const cash = CASH - spent(buyFills) - fees + spent(sellFills) + (told.isClaimed ? owed : 0);
      expect(desk.ledger.balance("cash")).toBe(cash);
      expect(balances[`position:${SLOT}`] ?? 0).toBe(0);
      expect(desk.ledger.profitMicros(SLOT)).toBe(spent(sellFills) + owed - spent(buyFills) - fees);
    }),
  );
});

test("duplicated and reordered fills leave the same ledger", () => {
  const order = fc.array(fc.nat({ max: 30 }), { minLength: 10, maxLength: 10 });
  fc.assert(
    fc.property(story, order, (told, picks) => {
      const { size, buyFills, sellFills } = fillsOf(told);
      const mixed = (fills: readonly Fill[]): Fill[] => {
        const rest = [...fills];
        const out: Fill[] = [];
        for (const pick of picks) {
          if (rest.length === 0) break;
          out.push(...rest.splice(pick % rest.length, 1), fills[pick % fills.length]!);
        }
        return [...out, ...rest];
      };
      // What a duplicate may not do is come before its own original: then it is the original.
      const plain = tell(told, [...buyFills, ...sellFills], size);
      const odd = tell(told, [...mixed(buyFills), ...mixed(sellFills), ...buyFills, ...sellFills], size);
      expect(fold(odd.transfers())).toEqual(fold(plain.transfers()));
    }),
  );
});

test("the position's account holds its cost, at every step", () => {
  fc.assert(
    fc.property(story, (told) => {
      const { size, buyFills, sellFills } = fillsOf(told);
      const { desk, turn } = openDesk(size);
      for (const fill of [...buyFills, ...sellFills]) {
        desk.book(fill, turn);
        expect(desk.ledger.balance(`position:${SLOT}`)).toBe(desk.position(SLOT, MARKET)!.costMicros);
        expect(desk.heldMicros(() => true)).toBe(desk.position(SLOT, MARKET)!.costMicros);
      }
    }),
  );
});
