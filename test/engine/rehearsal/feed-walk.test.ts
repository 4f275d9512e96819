import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { slotId } from "../../../engine/base/ids.ts";
import type { LoadedVersion } from "../../../engine/decide/port.ts";
import type { PullFeed } from "../../../engine/feeds/port.ts";
import { loadReplay } from "../../../engine/feeds/replay/load-replay.ts";
import { SimulatedFeed } from "../../../engine/feeds/simulated/simulated-feed.ts";
import { walkFeed } from "../../../engine/rehearsal/feed-walk.ts";
import type { Decided } from "../../../engine/rehearsal/observer.ts";
import { Loader } from "../../../engine/sandbox/loader.ts";
import type { VenueListener } from "../../../engine/venues/port.ts";
import { InThreadVenue } from "../../../engine/venues/simulated/in-thread-venue.ts";
import { MemoryJournal } from "../../../engine/venues/simulated/memory-journal.ts";
import { SimulatedExchange } from "../../../engine/venues/simulated/simulated-exchange.ts";
import { aSlot, LIMITS } from "../../support/settings.ts";
import { deciding, loadStrategy } from "../../support/strategy-bundle.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

let loader: Loader;
beforeAll(async () => {
  loader = await Loader.create();
});

const terms = {
  sizing: { type: "fixedStake", stakeMicros: 5_000_000 } as const,
  scalePpm: 1_000_000,
  limits: { ...LIMITS, minEdgeMicros: 0 },
  bankrollMicros: 1_000_000_000,
};
const openVenue = (heard: VenueListener) =>
  new InThreadVenue({
    exchange: new SimulatedExchange(
      { seed: 1, openingCashMicros: 0, resolutionDelayMs: { min: 0, max: 0 } },
      new MemoryJournal(),
      heard,
    ),
    onFailure: (error) => {
      throw error;
    },
  });

interface Walked {
  readonly feed?: PullFeed;
  readonly against?: LoadedVersion;
  readonly minutes?: number;
  readonly impure?: string;
  readonly slots?: ReturnType<typeof aSlot>[];
}

const world = (): PullFeed => new SimulatedFeed({ seed: 3, assets: ["btc"], intervals: ["5m"] });

async function walk(candidate: LoadedVersion, { feed = world(), against, minutes = 12, impure, slots }: Walked = {}) {
  const decided: Decided[] = [];
  const places = slots ?? [aSlot("btc", "example")];
  const arm = (version: LoadedVersion) => [{ version, slots: places }];
  const report = await walkFeed({
    feed,
    openVenue,
    order: {
      strategy: "example",
      candidate: arm(candidate),
      against: against === undefined ? [] : arm(against),
      terms,
      windows: 288,
      budgetMs: Number.POSITIVE_INFINITY,
    },
    engine: "bellard",
    impure: impure ?? null,
    cycleMs: 1_000,
    untilMs: feed.startMs + minutes * 60_000,
    notes: ["a note"],
    observe: (each) => decided.push({ ...each, frame: each.frame.slice() }),
  });
  return { report, decided };
}

const reasonsOf = (decided: readonly Decided[]) =>
  decided.map(({ result }) => (result.type === "Decided" ? result.signal.reason : `${result.fault.kind}!`));

/** Recorded minutes, but for those left out; the price rises by one a minute. */
function candles(minutes: number, without: readonly number[] = []): PullFeed {
  const path = join(temporaryFolder(), "btcusd-1m.csv");
  const rows = Array.from({ length: minutes }, (_, minute) => minute)
    .filter((minute) => !without.includes(minute))
    .map((minute) => {
      const price = 60_000 + minute;
      return `${1_780_876_800_000 + minute * 60_000},${price},${price + 1},${price},${price + 1},2`;
    });
  writeFileSync(path, `timestamp,open,high,low,close,volume\n${rows.join("\n")}\n`);
  return loadReplay([path]);
}

describe("on recorded candles", () => {
  const closes = () => loadStrategy(loader, deciding(`return hold("" + readings.c.close[0]);`, CANDLE));
  const CANDLE = `inputs: () => ({ c: candles({ interval: "1m", depth: 1 }) })`;

  test("there is one decision for each candle, at its close, the last one too", async () => {
    const { decided, report } = await walk(await closes(), { feed: candles(20), minutes: 60 });
    expect(reasonsOf(decided)).toEqual(Array.from({ length: 20 }, (_, minute) => String(60_001 + minute)));
    expect(decided.map(({ atMs }) => (atMs - 1_780_876_800_000) / 60_000)).toEqual(
      decided.map((_, index) => index + 1),
    );
    expect(report).toMatchObject({ frames: 20, sampledOf: 20, complete: true, windows: { seen: 5, wanted: 288 } });
  });

  test("there is none in a hole, and none that was made up for it", async () => {
    const { decided } = await walk(await closes(), { feed: candles(20, [7, 8, 9]), minutes: 60 });
    const wanted = Array.from({ length: 20 }, (_, minute) => minute).filter((minute) => ![7, 8, 9].includes(minute));
    expect(reasonsOf(decided)).toEqual(wanted.map((minute) => String(60_001 + minute)));
  });
});

describe("on a market of ticks", () => {
  const BUYS = `if (position) return hold("held " + position.side); if (window.secondsLeft > 200 || !(window.up.askSize > 0)) return hold("early");
    return up({ probability: 0.99, reason: "buys" });`;
  const WAITS = `if (position) return hold("holds"); return hold("early");`;

  test("every cycle is decided, with the position that the candidate would have taken", async () => {
    const { report, decided } = await walk(await loadStrategy(loader, deciding(BUYS)));
    expect(report.frames).toBe(12 * 60);
    const reasons = [...new Set(reasonsOf(decided))];
    expect(reasons).toEqual(expect.arrayContaining(["early", "buys", "held up"]));
    expect(reasonsOf(decided).filter((reason) => reason === "buys").length).toBeLessThan(10);
    expect(report.pnl).toMatchObject({ windows: 3, beforeMicros: 0 });
    expect(Math.abs(report.pnl!.afterMicros)).toBeGreaterThan(100_000);
    expect(report).toMatchObject({ against: null, changed: [], changedDecisions: 0, pure: true, notes: ["a note"] });
  });

  test("a window that is decided otherwise is listed once, with its first change, the newest first", async () => {
    const [buys, waits] = [await loadStrategy(loader, deciding(BUYS)), await loadStrategy(loader, deciding(WAITS))];
    const { report } = await walk(buys, { against: waits });
    expect(report.against).toMatch(/^example@[0-9a-f]{8}$/);
    expect(report.changedWindows).toBe(4);
    expect(
      report.changed.map(({ before, after }) => [before?.kind, before?.reason, after.kind, after.probability]),
    ).toEqual(Array.from({ length: 4 }, () => ["hold", "early", "up", 0.99]));
    expect(report.changed[0]!.cycle).toBeGreaterThan(report.changed[1]!.cycle);
    // Both hold from then on, in other words.
    expect(report.reworded).toBeGreaterThan(100);
    expect(report.pnl).toMatchObject({ beforeMicros: 0 });
  });

  test("the same version changes nothing, and earns the same", async () => {
    const buys = await loadStrategy(loader, deciding(BUYS));
    const { report } = await walk(buys, { against: buys });
    expect(report).toMatchObject({ changed: [], changedDecisions: 0, changedWindows: 0, reworded: 0 });
    expect(report.pnl!.afterMicros).toBe(report.pnl!.beforeMicros);
  });

  test("the same walk gives the same report", async () => {
    const buys = await loadStrategy(loader, deciding(BUYS));
    const [one, two] = [await walk(buys), await walk(buys)];
    expect({ ...two.report, elapsedMs: 0 }).toEqual({ ...one.report, elapsedMs: 0 });
  });

  test("each version remembers for itself, and each slot", async () => {
    const counts = await loadStrategy(
      loader,
      deciding(`return hold("n" + memory, { memory: memory + 1 });`, "memory: { initial: 0 }, inputs: () => ({})"),
    );
    const { decided } = await walk(counts, { against: counts, minutes: 1 });
    expect(reasonsOf(decided)).toEqual(Array.from({ length: 60 }, (_, n) => `n${n}`));
  });

  test("only faults that the other version does not have count", async () => {
    const throws = await loadStrategy(
      loader,
      deciding(`if (window.secondsLeft < 30) throw new Error("boom"); return hold("");`),
    );
    const { report } = await walk(throws, { minutes: 6 });
    expect(report.faults).toBeGreaterThan(0);
    expect(report.firstFault).toMatchObject({ slot: slotId("btc", "5m", "example"), message: "Error: boom" });
    expect((await walk(throws, { against: throws, minutes: 6 })).report).toMatchObject({ faults: 0, firstFault: null });
  });

  test("state that no analysis has seen is found when real frames are decided in another order", async () => {
    const body = `n += 1; return hold(window.secondsLeft < 100 ? "n" + n : "");`;
    const counts = await loadStrategy(loader, deciding(body, undefined, "let n = 0;"));
    const { report } = await walk(counts, { minutes: 6 });
    expect(report).toMatchObject({
      pure: false,
      impure: expect.stringMatching(/: cycle \d+ of BTC-5m-example gave hold "n\d+", and hold "n\d+" before$/),
    });
  });

  test("what is known to be impure decides from its snapshot every time, as it would in a bot", async () => {
    const counts = await loadStrategy(loader, deciding(`return hold("n" + ++n);`, undefined, "let n = 0;"));
    const { report, decided } = await walk(counts, { minutes: 1, impure: "it counts" });
    expect(new Set(reasonsOf(decided))).toEqual(new Set(["n1"]));
    expect(report).toMatchObject({ pure: false, impure: "it counts" });
  });
});
