// A small world for tests of the simulated exchange: one BTC market, a price that stands still unless told otherwise.
import { expect } from "vitest";
import type { ClientOrderId } from "../../../../engine/base/ids.ts";
import { marketId } from "../../../../engine/base/ids.ts";
import type { MarketEvent, Tick } from "../../../../engine/market/event.ts";
import type { MarketQuote } from "../../../../engine/market/market.ts";
import { E18, type Market } from "../../../../engine/market/market.ts";
import type { ExecutionReport, VenueListener, VenueOrder } from "../../../../engine/venues/port.ts";
import { MemoryJournal } from "../../../../engine/venues/simulated/memory-journal.ts";
import { type ExchangeSettings, SimulatedExchange } from "../../../../engine/venues/simulated/simulated-exchange.ts";

export const OPEN_MS = 1_780_876_500_000;
export const CLOSE_MS = OPEN_MS + 300_000;
export const USDC = 1_000_000;
export const STRIKE = 65_000;

export const SETTINGS: ExchangeSettings = {
  seed: 7,
  openingCashMicros: 1_000 * USDC,
  resolutionDelayMs: { min: 50_000, max: 150_000 },
  rejectPpm: 0,
};

export const market = (changes: Partial<Market> = {}): Market => ({
  id: marketId("btc", "5m", OPEN_MS),
  conditionId: "0xc0",
  asset: "btc",
  interval: "5m",
  openMs: OPEN_MS,
  closeMs: CLOSE_MS,
  tokens: { up: "1", down: "2" },
  tickMicros: 10_000,
  minSharesMicros: 5 * USDC,
  feeRatePpm: 70_000,
  twapLookbackMs: 0,
  ...changes,
});

export const tick = (atMs: number, price: number, receivedAtMs = atMs): Tick => ({
  type: "Tick",
  asset: "btc",
  priceE18: BigInt(Math.round(price * 100)) * (E18 / 100n),
  volume: 0,
  eventAtMs: atMs,
  receivedAtMs,
});

/** Market listed, strike set, and a first price at the open. */
export const opening = (listed: Market = market(), price = STRIKE): readonly MarketEvent[] => [
  { type: "MarketListed", market: listed },
  tick(OPEN_MS, price),
  { type: "StrikeSet", market: listed.id, strikeE18: BigInt(STRIKE) * E18 },
];

let named = 0;
export const order = (changes: Partial<VenueOrder> = {}): VenueOrder => ({
  clientOrderId: `BTC-5m-test/${OPEN_MS / 1_000}/${++named}/entry` as ClientOrderId,
  market: market().id,
  action: "buy",
  side: "up",
  limitMicros: 990_000,
  sharesMicros: 10 * USDC,
  timeInForce: "FAK",
  ...changes,
});

/** Keeps everything said, in order. */
export class Recorder implements VenueListener {
  readonly reports: ExecutionReport[] = [];
  readonly batches: (readonly MarketEvent[])[] = [];

  report(report: ExecutionReport): void {
    this.reports.push(report);
  }

  market(events: readonly MarketEvent[]): void {
    this.batches.push(events);
  }

  /** "OrderAccepted OrderFilled": the types said since the last call. */
  #told = 0;
  news(): string {
    const fresh = this.reports.slice(this.#told);
    this.#told = this.reports.length;
    return fresh.map(({ type }) => type).join(" ");
  }

  of<Type extends ExecutionReport["type"]>(type: Type): Extract<ExecutionReport, { type: Type }>[] {
    return this.reports.filter((report): report is Extract<ExecutionReport, { type: Type }> => report.type === type);
  }
}

/** An exchange one second into an open market. */
export function openWorld(settings: Partial<ExchangeSettings> = {}, listed: Market = market(), price = STRIKE) {
  const recorder = new Recorder();
  const journal = new MemoryJournal();
  const exchange = new SimulatedExchange({ ...SETTINGS, ...settings }, journal, recorder);
  exchange.advance(OPEN_MS - 1_000);
  exchange.observe(opening(listed, price));
  exchange.advance(OPEN_MS + 1_000);
  return { exchange, recorder, journal };
}

export type World = ReturnType<typeof openWorld>;

/** What the account holds by the exchange's own word. */
export function snapshotOf(
  { exchange, recorder }: Pick<World, "exchange" | "recorder">,
  ids: readonly ClientOrderId[] = [],
) {
  exchange.handle({ type: "Reconcile", orders: ids, markets: [market().id] });
  return recorder.of("Reconciled").at(-1)!.snapshot;
}

/** The exchange's clock in an open world. */
export const NOW_MS = OPEN_MS + 1_000;

export const submit = ({ exchange }: World, changes: Partial<VenueOrder> = {}): VenueOrder => {
  const submitted = order(changes);
  exchange.handle({ type: "Submit", order: submitted });
  return submitted;
};

export const quoteOf = ({ recorder }: World): MarketQuote => {
  const quoted = recorder.batches.at(-1)!.at(-1)!;
  if (quoted.type !== "Quoted") throw new Error(`A ${quoted.type} was published`);
  return quoted.quote;
};

/** Buys 10 Up at whatever is asked. */
export const buyTen = (world: World): void => {
  submit(world);
  world.exchange.advance(NOW_MS + 500);
  expect(snapshotOf(world).holdings).toEqual([{ market: market().id, side: "up", sharesMicros: 10 * USDC }]);
  world.recorder.news();
};
