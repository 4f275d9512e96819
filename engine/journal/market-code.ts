// Market events as bytes and back: ticks, quotes and candles as differences to those before, the rare others as they are.
import { CANDLE_MS, type Candle, type CandleInterval } from "../../dsl/candle.ts";
import { assertNever } from "../base/assert.ts";
import type { MarketId } from "../base/ids.ts";
import { MICROS } from "../base/micros.ts";
import type { MarketEvent, Tick } from "../market/event.ts";
import type { MarketQuote, TokenQuote } from "../market/market.ts";
import type { MarketMemory } from "./market-memory.ts";
import type { ValueReader, ValueWriter } from "./value-code.ts";

type Quoted = Extract<MarketEvent, { type: "Quoted" }>;
type CandleClosed = Extract<MarketEvent, { type: "CandleClosed" }>;

// The first byte of an event: its kind in the lowest bits, and what is known of it.
const KIND_BITS = 2;
const KIND = 3;
const OTHER = 0;
const TICK = 1;
const QUOTED = 2;
const CANDLE = 3;

const IS_NEXT_MARKET = 4;
const IS_MIRRORED = 8;
const IS_SYNTHETIC = 4;
/** At the time of the tick, or the quote, before it. */
const IS_SAME_TIME = 128;
const ZEROS = 31;

/** A price of 18 decimals has at most so many zeros worth counting. */
const ZEROS_MAX = 24;
const POWERS: readonly bigint[] = Array.from({ length: ZEROS_MAX + 1 }, (_, zeros) => 10n ** BigInt(zeros));

const TOKEN_FIELDS = ["bidMicros", "askMicros", "bidSizeMicros", "askSizeMicros"] as const;
/** Prices move by cents, and sizes are often whole cents: 10,000 micros. */
const STEP = 10_000;

export function writeMarketEvent(to: ValueWriter, memory: MarketMemory, event: MarketEvent): void {
  switch (event.type) {
    case "Tick":
      return writeTick(to, memory, event);
    case "Quoted":
      return writeQuoted(to, memory, event);
    case "CandleClosed":
      return writeCandle(to, memory, event);
    case "MarketListed":
    case "StrikeSet":
    case "Funding":
    case "OpenInterest":
      to.bytes.byte(OTHER);
      return to.value(event);
    default:
      assertNever(event, "market event");
  }
}

export function readMarketEvent(from: ValueReader, memory: MarketMemory): MarketEvent {
  const head = from.bytes.byte();
  switch (head & KIND) {
    case TICK:
      return readTick(from, memory, head);
    case QUOTED:
      return readQuoted(from, memory, head);
    case CANDLE:
      return readCandle(from, memory, head);
    default:
      return from.value() as MarketEvent;
  }
}

function writeTick(to: ValueWriter, memory: MarketMemory, tick: Tick): void {
  const asset = memory.asset(tick.asset);
  const change = tick.priceE18 - asset.priceE18;
  const zeros = change === 0n ? asset.zeros : zerosOf(change, asset.zeros);
  const isSameTime = tick.eventAtMs === memory.tickedAtMs;
  to.bytes.byte((zeros << KIND_BITS) | TICK | (isSameTime ? IS_SAME_TIME : 0));
  to.name(tick.asset);
  if (!isSameTime) to.bytes.integer(tick.eventAtMs - memory.tickedAtMs);
  to.bytes.integer(tick.receivedAtMs - tick.eventAtMs);
  to.bytes.bigint(change / POWERS[zeros]!);
  to.decimal(tick.volume, 0);
  memory.ticked(tick, zeros);
}

function readTick(from: ValueReader, memory: MarketMemory, head: number): Tick {
  const zeros = (head >> KIND_BITS) & ZEROS;
  const asset = from.name() as Tick["asset"];
  const eventAtMs = memory.tickedAtMs + elapsed(from, head);
  const receivedAtMs = eventAtMs + from.bytes.integer();
  const priceE18 = memory.asset(asset).priceE18 + from.bytes.bigint() * POWERS[zeros]!;
  const tick: Tick = { type: "Tick", asset, priceE18, volume: from.decimal(0), eventAtMs, receivedAtMs };
  memory.ticked(tick, zeros);
  return tick;
}

const elapsed = (from: ValueReader, head: number): number => ((head & IS_SAME_TIME) !== 0 ? 0 : from.bytes.integer());

/** As many as the change before had, or fewer. */
function zerosOf(change: bigint, before: number): number {
  let zeros = before === 0 ? ZEROS_MAX : before;
  while (change % POWERS[zeros]! !== 0n) zeros -= 1;
  return zeros;
}

function writeQuoted(to: ValueWriter, memory: MarketMemory, { market, quote }: Quoted): void {
  const isNext = market === memory.nextQuoted;
  const isMirrored = isMirror(quote);
  const isSameTime = quote.atMs === memory.quotedAtMs;
  const time = isSameTime ? IS_SAME_TIME : 0;
  to.bytes.byte(QUOTED | (isNext ? IS_NEXT_MARKET : 0) | (isMirrored ? IS_MIRRORED : 0) | time);
  if (!isNext) to.name(market);
  const before = memory.quoteOrNothing(market);
  if (!isSameTime) to.bytes.integer(quote.atMs - memory.quotedAtMs);
  writeToken(to, quote.up, before.up);
  if (!isMirrored) writeToken(to, quote.down, before.down);
  memory.quoted(market, quote);
}

function readQuoted(from: ValueReader, memory: MarketMemory, head: number): Quoted {
  const market = ((head & IS_NEXT_MARKET) !== 0 ? memory.nextQuoted : from.name()) as MarketId;
  const before = memory.quoteOrNothing(market);
  const atMs = memory.quotedAtMs + elapsed(from, head);
  const up = readToken(from, before.up);
  const down = (head & IS_MIRRORED) !== 0 ? mirrorOf(up) : readToken(from, before.down);
  const quote: MarketQuote = { atMs, up, down };
  memory.quoted(market, quote);
  return { type: "Quoted", market, quote };
}

/** Which of the four have changed, then the changes. */
function writeToken(to: ValueWriter, token: TokenQuote, before: TokenQuote): void {
  let changed = 0;
  for (let bit = 0; bit < TOKEN_FIELDS.length; bit++) {
    const field = TOKEN_FIELDS[bit]!;
    if (token[field] !== before[field]) changed |= 1 << bit;
  }
  to.bytes.byte(changed);
  for (let bit = 0; bit < TOKEN_FIELDS.length; bit++) {
    if ((changed & (1 << bit)) === 0) continue;
    const field = TOKEN_FIELDS[bit]!;
    const change = token[field] - before[field];
    const isStepped = change % STEP === 0;
    to.bytes.integer(isStepped ? (change / STEP) * 2 : change * 2 + 1);
  }
}

function readToken(from: ValueReader, before: TokenQuote): TokenQuote {
  const changed = from.bytes.byte();
  const token: { -readonly [F in keyof TokenQuote]: number } = { ...before };
  for (let bit = 0; bit < TOKEN_FIELDS.length; bit++) {
    if ((changed & (1 << bit)) === 0) continue;
    const field = TOKEN_FIELDS[bit]!;
    const code = from.bytes.integer();
    token[field] += code % 2 === 0 ? (code / 2) * STEP : (code - 1) / 2;
  }
  return token;
}

/** Whoever buys Up at 0.40 sells Down at 0.60. */
const mirrorOf = (token: TokenQuote): TokenQuote => ({
  bidMicros: MICROS - token.askMicros,
  askMicros: MICROS - token.bidMicros,
  bidSizeMicros: token.askSizeMicros,
  askSizeMicros: token.bidSizeMicros,
});

const isMirror = ({ up, down }: MarketQuote): boolean =>
  down.bidMicros === MICROS - up.askMicros &&
  down.askMicros === MICROS - up.bidMicros &&
  down.bidSizeMicros === up.askSizeMicros &&
  down.askSizeMicros === up.bidSizeMicros;

function writeCandle(to: ValueWriter, memory: MarketMemory, { asset, interval, candle }: CandleClosed): void {
  const before = memory.candle(asset, interval);
  to.bytes.byte(CANDLE | (candle.synthetic ? IS_SYNTHETIC : 0));
  to.name(asset);
  to.name(interval);
  to.bytes.integer(candle.openMs - before.openMs - CANDLE_MS[interval]);
  to.decimal(candle.open, before.close);
  to.decimal(candle.high, candle.open);
  to.decimal(candle.low, candle.open);
  to.decimal(candle.close, candle.open);
  to.decimal(candle.volume, 0);
  to.decimal(candle.fundingRate8h, before.fundingRate8h);
  to.decimal(candle.openInterest, before.openInterest);
  memory.closed(asset, interval, candle);
}

function readCandle(from: ValueReader, memory: MarketMemory, head: number): CandleClosed {
  const asset = from.name() as CandleClosed["asset"];
  const interval = from.name() as CandleInterval;
  const before = memory.candle(asset, interval);
  const openMs = before.openMs + CANDLE_MS[interval] + from.bytes.integer();
  const open = from.decimal(before.close);
  const candle: Candle = {
    openMs,
    open,
    high: from.decimal(open),
    low: from.decimal(open),
    close: from.decimal(open),
    volume: from.decimal(0),
    synthetic: (head & IS_SYNTHETIC) !== 0,
    fundingRate8h: from.decimal(before.fundingRate8h),
    openInterest: from.decimal(before.openInterest),
  };
  memory.closed(asset, interval, candle);
  return { type: "CandleClosed", asset, interval, candle };
}
