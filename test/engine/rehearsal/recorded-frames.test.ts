// A rehearsed frame is the frame that the core built, from nothing but what was recorded.
import { describe, expect, onTestFinished, test } from "vitest";
import type { Candle } from "../../../dsl/candle.ts";
import { gaussian } from "../../../engine/base/prng.ts";
import type { LoadedVersion } from "../../../engine/decide/port.ts";
import type { VersionFacts } from "../../../engine/decide/version.ts";
import { marketRow } from "../../../engine/execution/market-row.ts";
import { FrameBuilder } from "../../../engine/frame/frame-builder.ts";
import { HEADER_INDEX } from "../../../engine/frame/layout.ts";
import { assetSample, CandleJournal, quoteSample } from "../../../engine/market/history.ts";
import { MarketState } from "../../../engine/market/market-state.ts";
import { History } from "../../../engine/rehearsal/history.ts";
import { LedgerReader } from "../../../engine/rehearsal/ledger-reader.ts";
import { Memories } from "../../../engine/rehearsal/memories.ts";
import { RecordedFrames } from "../../../engine/rehearsal/recorded-frames.ts";
import type { SlotSettings } from "../../../engine/risk/settings.ts";
import type { CandleRow, MarketRow, QuoteRow, SampleRow } from "../../../engine/store/tables.ts";
import { aMarket, NOON, opening } from "../../support/a-market.ts";
import { aQuote } from "../../support/a-quote.ts";
import { aSlot, LIMITS } from "../../support/settings.ts";
import { versionFacts } from "../../support/version-facts.ts";
import { recordedBot, shipped } from "./recorded-bot.ts";

const MINUTE = 60_000;
const SAMPLE_MS = 10_000;

/** The frames of a slot as rebuilt, by cycle. */
function rebuilt(history: History, frames: RecordedFrames, facts: VersionFacts, slot: SlotSettings) {
  const found = new Map<number, Float64Array>();
  frames.prepare(facts, slot.asset);
  for (const window of history.windows(slot.asset, slot.interval)) {
    for (let row = 0; row < window.length; row++) {
      const frame = new Float64Array(facts.layout.size).fill(-7);
      frames.write(facts, window, row, slot.id, LIMITS.staleAfterMs, frame);
      found.set(window.cycle(row), frame);
    }
  }
  return found;
}

/** A candle that forms, in every length, and more that finite memory and infinite memory are made of. */
const OTHERS = versionFacts({
  inputs: {
    now: { kind: "ta.sma", options: { interval: "10s", period: 5, history: 3, forming: true } },
    minute: { kind: "ta.atr", options: { interval: "1m", period: 14, history: 3, forming: true } },
    five: { kind: "ta.macd", options: { interval: "5m", fast: 3, slow: 5, signal: 2, history: 2, forming: true } },
    quarter: { kind: "overreaction.relativeVolume", options: { interval: "15m", period: 4, forming: true } },
    hour: { kind: "ta.stochastic", options: { interval: "1h", period: 5, forming: true } },
    bars: { kind: "candles", options: { interval: "1m", depth: 7 } },
    spread: { kind: "market.spread", options: {} },
    imbalance: { kind: "market.imbalance", options: {} },
  },
});

/** As read, without minutes before some moment: long averages began elsewhere. */
class LateHistory extends History {
  readonly #fromMs: number;

  constructor(fromMs: number) {
    super();
    this.#fromMs = fromMs;
  }

  override addCandle(row: CandleRow): void {
    if (row.interval !== "1m" || row.openMs >= this.#fromMs) super.addCandle(row);
  }
}

function read(dir: string, history = new History()) {
  const reader = new LedgerReader(dir, history);
  onTestFinished(() => reader.close());
  reader.refresh();
  return { history, reader, frames: new RecordedFrames(history) };
}

const closeTo = (expected: Float64Array) =>
  [...expected].map((value) =>
    Number.isNaN(value) ? Number.NaN : expect.closeTo(value, 9 - Math.ceil(Math.log10(Math.abs(value) + 1))),
  );

test("a ledger gives back the frames that versions saw, whatever they declare", async () => {
  const [momentum, overreaction, regime, trend] = await shipped(["momentum", "overreaction", "regime", "trend"]);
  const arms: { version: LoadedVersion; slots: SlotSettings[] }[] = [
    { version: momentum!, slots: [aSlot("btc")] },
    { version: overreaction!, slots: [aSlot("btc", "overreaction"), aSlot("eth", "overreaction", "15m")] },
    { version: regime!, slots: [aSlot("btc", "regime", "15m")] },
    { version: trend!, slots: [aSlot("eth", "trend")] },
  ];
  const bot = await recordedBot(arms, OTHERS);
  bot.run(8 * MINUTE);
  const early = read(bot.dir);
  for (const { version, slots } of arms) for (const { asset } of slots) early.frames.prepare(version.facts, asset);
  bot.run(17 * MINUTE);
  early.reader.refresh();
  const late = read(bot.dir, new LateHistory(bot.seen[0]!.atMs - 1_000 * MINUTE));
  const memories = new Memories("bellard", early.history);

  let held = 0;
  for (const { version, slots } of arms) {
    for (const slot of slots) {
      const seen = bot.seen.filter(({ request }) => request.slot === slot.id);
      const frames = rebuilt(early.history, early.frames, version.facts, slot);
      const others = rebuilt(early.history, early.frames, OTHERS, slot);
      const lately = rebuilt(late.history, late.frames, version.facts, slot);
      // Each sample, but for those of the first cycles: quotes come after them.
      const sampled = seen.filter(({ atMs }) => atMs % SAMPLE_MS === 0);
      expect(sampled.filter(({ cycle }) => !frames.has(cycle)).length).toBeLessThan(10);
      for (const { cycle, atMs, request, other } of seen) {
        const frame = frames.get(cycle);
        if (frame === undefined) continue;
        expect([slot.id, cycle, ...frame]).toEqual([slot.id, cycle, ...request.frame]);
        expect([...lately.get(cycle)!]).toEqual(closeTo(request.frame));
        expect([...others.get(cycle)!]).toEqual(closeTo(other));
        if (atMs % SAMPLE_MS === 0)
          expect(memories.of(version, slot.id, atMs)).toMatchObject({ memory: request.memory });
        if (frame[HEADER_INDEX.positionSide] !== 0) held += 1;
      }
    }
  }
  expect(held).toBeGreaterThan(20);
});

describe("a market of closed minutes", () => {
  const market = aMarket({}, { twapLookbackMs: 3 * MINUTE });
  const facts = versionFacts({
    inputs: {
      fair: { kind: "market.probabilityUp", options: { window: "15m", step: "10s" } },
      calm: { kind: "market.volatility", options: { window: "15m", step: "10s", history: 4 } },
      trend: { kind: "ta.ema", options: { interval: "5m", period: 3, history: 2, forming: true } },
      none: { kind: "ta.rsi", options: { interval: "10s", period: 14 } },
    },
  });

  test("has volatilities over the candles that there are, and no other shorter ones", () => {
    const state = new MarketState("candles");
    const frames = new FrameBuilder(state, MINUTE);
    const history = new History();
    const journal = new CandleJournal([]);
    const recorded = new RecordedFrames(history);
    const seen: Float64Array[] = [];
    for (const event of opening(market)) state.apply(event);
    for (let atMs = NOON - 300 * MINUTE; atMs < market.closeMs; atMs += MINUTE) {
      const candle = minuteAt(atMs - MINUTE);
      state.apply({ type: "CandleClosed", asset: "btc", interval: "1m", candle });
      const priceE18 = BigInt(candle.close) * 10n ** 18n;
      state.apply({ type: "Tick", asset: "btc", priceE18, volume: 0, eventAtMs: atMs, receivedAtMs: atMs });
      state.advance(atMs);
      for (const { row } of journal.closed(state)) history.addCandle(row as CandleRow);
      history.addSample(assetSample(state.asset("btc"), atMs / MINUTE, atMs).row as SampleRow);
      if (atMs < market.openMs) continue;
      state.apply({ type: "Quoted", market: market.id, quote: aQuote(atMs) });
      const window = state.window(market.id)!;
      const known = history.window(market.id) ?? history.addWindow(marketRow(window, null) as MarketRow);
      known.addQuote(quoteSample(window, atMs)!.row as QuoteRow);
      const frame = new Float64Array(facts.layout.size);
      frames.build(facts, window, null, atMs, LIMITS.staleAfterMs, frame);
      seen.push(frame);
    }
    const found = [...rebuilt(history, recorded, facts, aSlot()).values()];
    expect(found).toHaveLength(5);
    // The mean that settles it is of prices there, and here of closes: from when it counts, not the same.
    const [fair] = facts.layout.fields;
    expect(found.slice(0, 3).map((frame) => [...frame])).toEqual(seen.slice(0, 3).map((frame) => [...frame]));
    for (const frame of found) {
      expect(frame[fair!.offset]).toBeGreaterThan(0);
      expect(frame.at(-1)).toBeNaN();
    }
  });

  /** Whole dollars. */
  const minuteAt = (openMs: number): Candle => {
    const price = (atMs: number) => 65_000 + Math.round(40 * gaussian(3, atMs / MINUTE));
    const [open, close] = [price(openMs - MINUTE), price(openMs)];
    return {
      openMs,
      open,
      high: Math.max(open, close),
      low: Math.min(open, close),
      close,
      volume: 10,
      synthetic: false,
      fundingRate8h: Number.NaN,
      openInterest: Number.NaN,
    };
  };
});
