// Entries of the journal as fast-check makes them up: every kind of event, with numbers and texts of every kind.
import fc from "fast-check";
import { CANDLE_INTERVALS } from "../../../dsl/candle.ts";
import type { DecisionResult } from "../../../engine/decide/decision.ts";
import type { JournalEntry, JournaledWrite, RecordedDecision, RecordedEvent } from "../../../engine/journal/port.ts";
import type { MarketEvent } from "../../../engine/market/event.ts";

type Kinds<Union extends { readonly type: string }> = {
  readonly [T in Union["type"]]: fc.Arbitrary<Extract<Union, { readonly type: T }>>;
};

/** Plain objects, as the core's are. */
const record = <T>(fields: { [F in keyof T]: fc.Arbitrary<T[F]> }, requiredKeys?: (keyof T)[]): fc.Arbitrary<T> =>
  fc.record(fields, { noNullPrototype: true, ...(requiredKeys && { requiredKeys }) }) as fc.Arbitrary<T>;

/** Plain, with numbers in it, of any alphabet, with halves of surrogate pairs, and too long to be remembered. */
const text: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom("", "no edge", "momentum -0.21, up 0.45", "007 and 7", "0".repeat(40), "x".repeat(300)),
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 6 }).map((codes) => String.fromCharCode(...codes)),
);
export const value: fc.Arbitrary<unknown> = fc.anything({
  values: [fc.double(), fc.maxSafeInteger(), fc.bigInt(), text, fc.constantFrom(null, undefined, true, false, -0)],
  key: fc.oneof(text, fc.constant("__proto__")),
  withMap: true,
  withSet: true,
  maxDepth: 2,
  maxKeys: 4,
});
const payload = fc.dictionary(fc.constantFrom("cycle", "atMs", "report", "settings", "reason"), value, {
  maxKeys: 3,
  noNullPrototype: true,
});

const integer = fc.oneof(fc.integer({ min: -5, max: 5 }), fc.integer(), fc.integer({ min: -(2 ** 49), max: 2 ** 49 }));
const atMs = fc.oneof(fc.integer({ min: 1_767_572_080_000, max: 1_767_572_400_000 }), fc.nat());
const cycle = fc.nat({ max: 1_000_000 });
const slot = fc.constantFrom("BTC-5m-momentum", "ETH-15m-trend", "a slot of no market");
const asset = fc.constantFrom("btc", "eth");
const market = fc.constantFrom("btc-updown-5m-1767572100", "eth-updown-15m-1767571200", "another");
const micros = fc.oneof(fc.constantFrom(0, 10_000, 540_000), fc.nat());

const token = record({ bidMicros: micros, askMicros: micros, bidSizeMicros: micros, askSizeMicros: micros });
const quote = fc.oneof(
  record({ atMs, up: token, down: token }),
  record({ atMs, up: token }).map(({ atMs, up }) => ({
    atMs,
    up,
    down: {
      bidMicros: 1_000_000 - up.askMicros,
      askMicros: 1_000_000 - up.bidMicros,
      bidSizeMicros: up.askSizeMicros,
      askSizeMicros: up.bidSizeMicros,
    },
  })),
);
const price = fc.oneof(
  fc.bigInt({ min: 0n, max: 10n ** 9n }).map((units) => units * 10n ** 13n),
  fc.bigInt({ min: -(2n ** 90n), max: 2n ** 90n }),
);
const number = fc.oneof(
  fc.double(),
  fc.nat().map((units) => units / 1e6),
  fc.constantFrom(0, -0, Number.NaN),
);
const candle = record({
  ...{ openMs: atMs, open: number, high: number, low: number, close: number, volume: number },
  ...{ synthetic: fc.boolean(), fundingRate8h: number, openInterest: number },
});

const MARKET_EVENTS: Kinds<MarketEvent> = {
  Tick: made("Tick", { asset, priceE18: price, volume: number, eventAtMs: atMs, receivedAtMs: atMs }),
  Quoted: made("Quoted", { market, quote }),
  CandleClosed: made("CandleClosed", { asset, interval: fc.constantFrom(...CANDLE_INTERVALS), candle }),
  MarketListed: made("MarketListed", { market: payload }),
  StrikeSet: made("StrikeSet", { market, strikeE18: price }),
  Funding: made("Funding", { asset, rate8h: number, atMs }),
  OpenInterest: made("OpenInterest", { asset, coins: number, atMs }),
};
const marketEvent: fc.Arbitrary<MarketEvent> = fc.oneof(...Object.values(MARKET_EVENTS));

/** By what a frame is made of: bits, numbers that stay, and numbers that move by a place. */
const frame = fc
  .array(
    fc.oneof(
      fc.constantFrom(0n, 1n, 0x7ff8_0000_0000_0000n, 0xfff8_0000_0000_0001n),
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    ),
    {
      maxLength: 40,
    },
  )
  .map((bits) => new Float64Array(BigUint64Array.from(bits).buffer));

const version = record({
  strategy: fc.constantFrom("momentum", "trend"),
  code: fc.constantFrom("a".repeat(64), "b"),
  params: fc.constantFrom("0".repeat(64), "1"),
  ordinal: fc.integer({ min: 1, max: 3 }),
});
const signal = fc.oneof(
  record({
    kind: fc.constantFrom("up", "down"),
    probability: fc.double(),
    limit: fc.option(fc.double(), { nil: null }),
    reason: text,
  }),
  record({ kind: fc.constantFrom("hold", "exit"), reason: text }),
);
const by = { slot, version, fuel: fc.nat() };
const fault = record({
  kind: fc.constantFrom("threw", "hung"),
  message: text,
  where: fc.option(text, { nil: null }),
  frame: fc.constant(null),
});
const result = fc.oneof(
  made<DecisionResult>("Decided", { ...by, signal, memory: text }),
  made<DecisionResult>("Faulted", { ...by, fault }),
) as fc.Arbitrary<DecisionResult>;
const request = record({ slot, version, frame, memory: text, migrateFrom: text }, [
  "slot",
  "version",
  "frame",
  "memory",
]);
/** As it is nearly always, and as it may be. */
const decision = fc.tuple(request, result, fc.boolean()).map(([request, result, isUsual]) => {
  const answer = isUsual ? { ...result, slot: request.slot, version: request.version } : result;
  return { request, result: answer } as RecordedDecision;
});

const timed = { cycle, atMs };
const EVENTS: Kinds<RecordedEvent> = {
  Started: made("Started", {
    core: text,
    settings: payload,
    cycleMs: fc.nat(),
    grain: payload,
    history: fc.option(fc.array(marketEvent, { maxLength: 4 }), { nil: null }),
    candlesFromMs: fc.option(atMs, { nil: null }),
  }),
  Market: made("Market", { events: fc.array(marketEvent, { maxLength: 6 }) }),
  CycleOpened: made("CycleOpened", timed),
  BoundaryDue: made("BoundaryDue", timed),
  CycleDue: made("CycleDue", timed),
  BoundaryMeasured: made("BoundaryMeasured", { cycle, micros: integer }),
  Decided: made("Decided", { cycle, decisions: fc.array(decision, { maxLength: 4 }) }),
  ShadowsDecided: made("ShadowsDecided", { cycle, results: fc.array(result, { maxLength: 3 }) }),
  CommitDurable: made("CommitDurable", { seq: fc.nat() }),
  ...any("Admitted", "ReceiptBegun", "CyclesMissed", "Reported", "SettingsAccepted", "VersionsLoaded", "Resumed"),
  ...any("CandidateOffered", "CandidateRefused", "CandidateSuperseded", "RehearsalCompleted", "VersionsArmed"),
  ...any("Noted", "Heartbeat", "Latched", "AlarmRaised", "AlarmCleared"),
};
/** What decides most of a journal comes more often. */
const event: fc.Arbitrary<RecordedEvent> = fc.oneof(
  { weight: 6, arbitrary: fc.oneof(EVENTS.Decided, EVENTS.Market, EVENTS.CycleDue) },
  { weight: 4, arbitrary: fc.oneof(...Object.values(EVENTS)) },
);
export const entry: fc.Arbitrary<JournalEntry> = fc.array(event, { maxLength: 5 });
export const writes: fc.Arbitrary<readonly JournaledWrite[]> = fc.array(
  record({
    table: fc.constantFrom("orders", "markets"),
    row: payload,
  }) as fc.Arbitrary<unknown> as fc.Arbitrary<JournaledWrite>,
  { maxLength: 3 },
);

function made<T extends { readonly type: string }, K extends T["type"] = T["type"]>(
  type: K,
  fields: { readonly [field: string]: fc.Arbitrary<unknown> },
): fc.Arbitrary<Extract<T, { readonly type: K }>> {
  return record({ type: fc.constant(type), ...fields }) as fc.Arbitrary<unknown> as fc.Arbitrary<
    Extract<T, { readonly type: K }>
  >;
}

/** Kinds whose fields the codec does not know. */
function any<K extends RecordedEvent["type"]>(...types: readonly K[]): Pick<Kinds<RecordedEvent>, K> {
  const kinds = types.map((type) => [type, payload.map((fields) => ({ ...fields, type }))]);
  return Object.fromEntries(kinds) as Pick<Kinds<RecordedEvent>, K>;
}
