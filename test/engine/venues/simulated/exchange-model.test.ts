// Whatever is sent and whenever, what the exchange says adds up to what it holds, to the micro, also across a restart.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { ClientOrderId, MarketId } from "../../../../engine/base/ids.ts";
import type { Fill } from "../../../../engine/execution/order.ts";
import { E18, type Outcome } from "../../../../engine/market/market.ts";
import type { ExecutionReport, VenueOrder, VenueSnapshot } from "../../../../engine/venues/port.ts";
import type { VenueJournal } from "../../../../engine/venues/simulated/journal.ts";
import { MemoryJournal } from "../../../../engine/venues/simulated/memory-journal.ts";
import { SimulatedExchange } from "../../../../engine/venues/simulated/simulated-exchange.ts";
import { VenueFile } from "../../../../engine/venues/simulated/venue-file.ts";
import { CLOSE_MS, market, OPEN_MS, Recorder, SETTINGS, STRIKE, tick, USDC } from "./world.ts";

const FIRST = market();
const SECOND = market({ id: "btc-updown-5m-second" as MarketId, twapLookbackMs: 30_000, tickMicros: 1_000 });
const OPENING_CASH = 300 * USDC;

const idOf = (n: number): ClientOrderId => `BTC-5m-model/1/${n}/entry` as ClientOrderId;

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant("Submit" as const),
      second: fc.boolean(),
      action: fc.constantFrom("buy" as const, "buy" as const, "sell" as const),
      side: fc.constantFrom("up" as const, "down" as const),
      limitMicros: fc.integer({ min: 1, max: 99 }).map((cents) => cents * 10_000),
      sharesMicros: fc.integer({ min: 400, max: 30_000 }).map((hundredths) => hundredths * 10_000),
      timeInForce: fc.constantFrom("FAK" as const, "GTC" as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("Again" as const), n: fc.nat(40) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("Cancel" as const), n: fc.nat(40) }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant("Wait" as const), ms: fc.integer({ min: 0, max: 20_000 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant("Move" as const), basisPoints: fc.integer({ min: -8, max: 8 }) }),
  },
  { weight: 1, arbitrary: fc.constant({ type: "Claim" as const }) },
  { weight: 1, arbitrary: fc.constant({ type: "Restart" as const }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** The account as its owner can know it: from the reports alone, each told once. */
class Owner {
  readonly sent = new Map<ClientOrderId, VenueOrder>();
  readonly stories = new Map<ClientOrderId, string[]>();
  readonly trades = new Map<string, Fill>();
  readonly outcomes = new Map<MarketId, Outcome>();
  readonly claims = new Map<MarketId, number>();

  hear(report: ExecutionReport): void {
    switch (report.type) {
      case "OrderFilled":
        if (this.trades.has(report.fill.tradeId)) expect(this.trades.get(report.fill.tradeId)).toEqual(report.fill);
        this.trades.set(report.fill.tradeId, report.fill);
        this.#note(report.fill.clientOrderId, `fill ${report.fill.tradeId}`);
        break;
      case "OrderAccepted":
      case "OrderRejected":
      case "OrderCanceled":
        this.#note(report.clientOrderId, report.type);
        break;
      case "MarketResolved":
        expect(this.outcomes.has(report.market)).toBe(false);
        this.outcomes.set(report.market, report.outcome);
        break;
      case "Claimed":
        expect(this.claims.get(report.market) ?? report.amountMicros).toBe(report.amountMicros);
        this.claims.set(report.market, report.amountMicros);
        break;
      default:
        break;
    }
  }

  /** A story told again is the same story: each event is noted the first time only. */
  #note(id: ClientOrderId, event: string): void {
    const story = this.stories.get(id) ?? [];
    if (!story.includes(event)) story.push(event);
    this.stories.set(id, story);
  }

  get cashMicros(): number {
    let cash = OPENING_CASH;
    for (const fill of this.trades.values()) {
      const notional = (fill.priceMicros * fill.sharesMicros) / USDC;
      cash += (this.sent.get(fill.clientOrderId)!.action === "buy" ? -notional : notional) - fill.feeMicros;
    }
    for (const amount of this.claims.values()) cash += amount;
    return cash;
  }

  /** Bought minus sold; nothing of what lost or was claimed. */
  held(id: MarketId, side: "up" | "down"): number {
    const outcome = this.outcomes.get(id);
    if (this.claims.has(id) || (outcome !== undefined && outcome !== "void" && outcome !== side)) return 0;
    let shares = 0;
    for (const fill of this.trades.values()) {
      const order = this.sent.get(fill.clientOrderId)!;
      if (order.market === id && order.side === side)
        shares += order.action === "buy" ? fill.sharesMicros : -fill.sharesMicros;
    }
    return shares;
  }
}

function check(owner: Owner, snapshot: VenueSnapshot): void {
  expect(snapshot.cashMicros).toBe(owner.cashMicros);
  expect(snapshot.totals.fills).toBe(owner.trades.size);
  for (const { id } of [FIRST, SECOND]) {
    for (const side of ["up", "down"] as const) {
      const held =
        snapshot.holdings.find((holding) => holding.market === id && holding.side === side)?.sharesMicros ?? 0;
      expect(held).toBe(owner.held(id, side));
    }
  }
  let reserved = 0;
  for (const state of snapshot.orders) {
    const order = owner.sent.get(state.clientOrderId)!;
    const fills = "fills" in state ? state.fills : [];
    const filled = fills.reduce((sum, { sharesMicros }) => sum + sharesMicros, 0);
    expect(filled <= order.sharesMicros).toBe(true);
    expect(state.status === "filled").toBe(filled === order.sharesMicros);
    for (const { priceMicros } of fills) {
      expect(order.action === "buy" ? priceMicros <= order.limitMicros : priceMicros >= order.limitMicros).toBe(true);
    }
    if (state.status === "open" && order.action === "buy") {
      reserved += ((order.sharesMicros - filled) * order.limitMicros) / USDC;
    }
    const story = owner.stories.get(state.clientOrderId) ?? [];
    const told = story.map((event) => event.replace(/ .*/, "")).join(" ");
    const grammar = {
      unknown: /^$/,
      rejected: /^(OrderRejected)?$/,
      open: /^(OrderAccepted( fill)*)?$/,
      filled: /^OrderAccepted( fill)+$/,
      canceled: /^OrderAccepted( fill)* OrderCanceled$/,
    };
    expect(told).toMatch(grammar[state.status]);
    expect(story.filter((event) => event.startsWith("fill")).length).toBe(fills.length);
  }
  expect(snapshot.cashMicros).toBeGreaterThanOrEqual(reserved);
}

function play(steps: readonly Step[], seed: number, open: () => VenueJournal): Owner {
  const owner = new Owner();
  const journal = open();
  const settings = { ...SETTINGS, seed, openingCashMicros: OPENING_CASH, rejectPpm: 20_000 };
  let recorder = new Recorder();
  let exchange = new SimulatedExchange(settings, journal, recorder);
  let nowMs = OPEN_MS - 1_000;
  let price = STRIKE;
  const listing = [FIRST, SECOND].flatMap((each) => [
    { type: "MarketListed" as const, market: each },
    { type: "StrikeSet" as const, market: each.id, strikeE18: BigInt(STRIKE) * E18 },
  ]);
  const advance = (ms: number): void => {
    for (let second = Math.floor(nowMs / 1_000) + 1; second * 1_000 <= nowMs + ms; second++) {
      exchange.observe([tick(second * 1_000, price)]);
    }
    nowMs += ms;
    exchange.advance(nowMs);
  };
  const settle = (): void => {
    for (const report of recorder.reports.splice(0)) owner.hear(report);
    exchange.handle({ type: "Reconcile", orders: [...owner.sent.keys()], markets: [FIRST.id, SECOND.id] });
    for (const report of recorder.reports.splice(0)) if (report.type === "Reconciled") check(owner, report.snapshot);
  };
  const act = (each: Step): void => {
    switch (each.type) {
      case "Submit": {
        const { type: _, second, ...terms } = each;
        const sent = { ...terms, clientOrderId: idOf(owner.sent.size), market: (second ? SECOND : FIRST).id };
        owner.sent.set(sent.clientOrderId, sent);
        exchange.handle({ type: "Submit", order: sent });
        break;
      }
      case "Again": {
        const sent = owner.sent.get(idOf(each.n));
        if (sent !== undefined) exchange.handle({ type: "Submit", order: sent });
        break;
      }
      case "Cancel":
        exchange.handle({ type: "Cancel", clientOrderId: idOf(each.n) });
        break;
      case "Wait":
        advance(each.ms);
        break;
      case "Move":
        price *= 1 + each.basisPoints / 10_000;
        break;
      case "Claim":
        for (const { id } of [FIRST, SECOND]) exchange.handle({ type: "Claim", market: id });
        break;
      case "Restart":
        recorder = new Recorder();
        exchange = new SimulatedExchange(settings, journal, recorder);
        exchange.observe(listing);
        exchange.advance(nowMs);
        break;
    }
  };
  exchange.advance(nowMs);
  exchange.observe(listing);
  advance(1_500);
  for (const each of steps) {
    act(each);
    settle();
  }
  advance(Math.max(0, CLOSE_MS + 151_000 - nowMs));
  for (const { id } of [FIRST, SECOND]) exchange.handle({ type: "Claim", market: id });
  advance(1_000);
  settle();
  return owner;
}

const games = fc.record({ steps: fc.array(step, { minLength: 10, maxLength: 60 }), seed: fc.nat(1_000_000) });

test("cash and shares are conserved to the micro over any sequence of orders, cancels, time and restarts", () => {
  let trades = 0;
  fc.assert(
    fc.property(games, ({ steps, seed }) => {
      const owner = play(steps, seed, () => new MemoryJournal());
      trades += owner.trades.size;
      expect([...owner.outcomes.keys()].length).toBeLessThanOrEqual(2);
    }),
    { numRuns: 150 },
  );
  expect(trades).toBeGreaterThan(100);
});

test("the file remembers exactly what memory does", () => {
  fc.assert(
    fc.property(games, ({ steps, seed }) => {
      const inMemory = play(steps, seed, () => new MemoryJournal());
      const onFile = play(steps, seed, () => new VenueFile(":memory:"));
      expect(onFile).toEqual(inMemory);
    }),
    { numRuns: 30 },
  );
});
