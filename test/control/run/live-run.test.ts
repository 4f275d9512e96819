// Real time with every clock and timer in the test's hand, and a bot that only notes what it is told.
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { ContentListener } from "../../../control/content-watch.ts";
import type { Log } from "../../../control/log.ts";
import type { Bot } from "../../../control/run/bot.ts";
import { Conditions } from "../../../control/run/conditions.ts";
import { LiveRun } from "../../../control/run/live-run.ts";
import { Timings } from "../../../control/run/timings.ts";
import type { RunOptions, Until } from "../../../control/run-options.ts";
import type { EngineEvent } from "../../../engine/event.ts";
import { NOON } from "../../support/a-market.ts";

const watched = vi.hoisted(() => new Map<string, ContentListener>());
vi.mock("../../../control/watch.ts", () => {
  const watch = async (path: string, listener: ContentListener) => {
    watched.set(path, listener);
    return { digests: new Map([[path, `digest of ${path}`]]), close: async () => void watched.delete(path) };
  };
  return { watchFolder: watch, watchFile: watch };
});

const CYCLE_MS = 1_000;
let steppedMs = 0;

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "setImmediate", "Date"],
    now: NOON + 1_000_000_000,
  });
  steppedMs = 0;
  const zero = Date.now();
  vi.spyOn(performance, "now").mockImplementation(() => Date.now() - zero - steppedMs);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
/** The process does nothing for a while; what was due meanwhile comes late. */
const stall = (ms: number) => vi.setSystemTime(Date.now() + ms);
/** Somebody sets the wall clock. */
function step(ms: number): void {
  steppedMs += ms;
  stall(ms);
}

interface Given {
  readonly speed?: number;
  readonly until?: Until;
  readonly endMs?: number;
  /** Real ms until the decisions of the nth cycle are in; never when null. */
  readonly decideMs?: (run: number) => number | null;
  /** Real ms until the venue has answered what it was shown; never when null. */
  readonly answerMs?: number | null;
}

/** A run that begins 300 ms after noon, after cycle 40. */
function start({ speed = 1, until, endMs, decideMs = () => 5, answerMs = 0 }: Given = {}) {
  const cycles: { readonly cycle: number; readonly atMs: number }[] = [];
  const advanced: (readonly [number, number])[] = [];
  const posted: EngineEvent[] = [];
  const seen = {
    beats: 0,
    statuses: 0,
    controls: [] as (string | null)[],
    looks: [] as string[],
    reloads: [] as string[],
  };
  const engine = { cycle: 40, missed: 0, nowMs: NOON, isSending: false };
  const bot = {
    engine,
    startMs: NOON + 300,
    cycleMs: CYCLE_MS,
    dir: "data",
    cycleTimes: new Timings(),
    conditions: new Conditions(() => 0),
    strategies: new Set(["momentum", "trend"]),
    measured: { stoppedAt: null, loopLagMaxMs: 0, heartbeatAt: null, restartGapMs: null as number | null },
    loop: {
      post(event: EngineEvent) {
        posted.push(event);
        if (event.type === "CyclesMissed") engine.missed += event.count;
      },
    },
    reloads: {
      affectedBy: (path: string) => (path === "shared/edge.ts" ? ["momentum", "trend"] : [path.replace(".ts", "")]),
      request: (strategy: string, cause: string) => void seen.reloads.push(`${strategy} ${cause}`),
    },
    steering: {
      lookAtControl: async () => void seen.looks.push("control"),
      lookAtConfig: async () => void seen.looks.push("config"),
    },
    advance: (fromMs: number, toMs: number) => void advanced.push([fromMs, toMs]),
    venue: {
      caughtUp: (then: () => void) => {
        if (answerMs === 0) then();
        else if (answerMs !== null) setTimeout(then, answerMs);
      },
    },
    beat: () => void seen.beats++,
    offerStatus: () => void seen.statuses++,
    watchWorkers: () => {},
    watchControl: (digest: string | null) => void seen.controls.push(digest),
    retireUnused: () => {},
    startCycle(cycle: number, atMs: number) {
      cycles.push({ cycle, atMs });
      engine.nowMs = atMs;
      const ms = decideMs(cycles.length - 1);
      if (ms !== null) setTimeout(() => live.decided(), ms);
    },
  };
  const log = { debug() {}, info() {}, warn() {}, error() {} } satisfies Log;
  const options = { strategies: "strategies", config: "underway.config.ts", until: until ?? null } as RunOptions;
  const live: LiveRun = new LiveRun(bot as unknown as Bot, options, log, speed, endMs ?? null);
  const ended = live.run();
  return { live, bot, cycles, advanced, posted, seen, ended, numbers: () => cycles.map(({ cycle }) => cycle) };
}

describe("cycles", () => {
  test("begin on the market's grid, numbered on from the last life", async () => {
    const run = start();
    await pass(3_000);
    expect(run.cycles).toEqual([1, 2, 3].map((n) => ({ cycle: 40 + n, atMs: NOON + n * CYCLE_MS })));
    expect(run.bot.engine.missed).toBe(0);
  });

  test("follow the market's clock where it runs faster than ours", async () => {
    const run = start({ speed: 10 });
    await pass(300);
    expect(run.cycles.map(({ atMs }) => atMs - NOON)).toEqual([1_000, 2_000, 3_000]);
  });

  test("begin with the market shown up to them, every instant once", async () => {
    const run = start({ decideMs: (n) => [5, 1_700, 900][n % 3]! });
    await pass(1_500);
    stall(2_300);
    await pass(6_000);
    expect(run.advanced[0]?.[0]).toBe(NOON + 300);
    for (const [index, [fromMs, toMs]] of run.advanced.entries()) {
      expect(toMs).toBeGreaterThan(fromMs);
      if (index > 0) expect(fromMs).toBe(run.advanced[index - 1]?.[1]);
    }
    for (const { atMs } of run.cycles) expect(run.advanced.map(([, toMs]) => toMs)).toContain(atMs);
  });

  test("begin when the venue has answered what it was shown, once each", async () => {
    const run = start({ answerMs: 40 });
    await pass(739);
    expect(run.cycles).toEqual([]);
    await pass(1);
    expect(run.numbers()).toEqual([41]);
    await pass(3_000);
    expect(run.numbers()).toEqual([41, 42, 43, 44]);
  });

  test("do not wait for a venue that hangs", async () => {
    const run = start({ answerMs: null });
    await pass(3_849);
    expect(run.numbers()).toEqual([41, 42, 43]);
    await pass(1);
    expect(run.numbers()).toEqual([41, 42, 43, 44]);
    expect(run.bot.engine.missed).toBe(0);
  });

  test("hold the market's clock until their orders have left, within limits", async () => {
    const run = start({ speed: 10 });
    const { engine } = run.bot;
    const shown = () => run.advanced.at(-1)![1] - NOON;
    engine.isSending = true;
    await pass(130); // Due after 70 ms, decided after 75.
    expect(shown()).toBe(1_000);
    engine.isSending = false;
    await pass(35);
    expect(shown()).toBeGreaterThan(1_000);
    engine.isSending = true;
    await pass(85); // The next cycle, 80 ms after its decisions came.
    expect(shown()).toBe(2_000);
    await pass(20);
    expect(shown()).toBeGreaterThan(2_000);
    await pass(200);
    expect(run.numbers()).toEqual([41, 42, 43, 44, 45]);
    expect(run.bot.engine.missed).toBe(0);
  });

  test("leave four fifths of their time to the worker", async () => {
    const run = start({ decideMs: () => null });
    await pass(700);
    expect(run.live.deadlineMs()).toBe(800);
    await pass(500);
    expect(run.live.deadlineMs()).toBe(400);
    await pass(600);
    expect(run.live.deadlineMs()).toBe(60);
  });
});

describe("a missed cycle", () => {
  test("that was skipped uses up its number, and is counted once", async () => {
    const run = start();
    await pass(1_000);
    stall(3_000);
    await pass(1_000);
    expect(run.cycles.slice(0, 3)).toMatchObject([
      { cycle: 41, atMs: NOON + 1_000 },
      { cycle: 44, atMs: NOON + 4_000 },
      { cycle: 45, atMs: NOON + 5_000 },
    ]);
    expect(run.posted).toMatchObject([{ type: "CyclesMissed", count: 2 }]);
  });

  test("is one whose decisions came after the next was due; the next begins at once", async () => {
    const run = start({ decideMs: (n) => (n === 0 ? 1_200 : 5) });
    await pass(1_901);
    expect(run.numbers()).toEqual([41, 42]);
    expect(run.posted).toMatchObject([{ type: "CyclesMissed", count: 1, atMs: NOON + 1_000 }]);
  });

  test("is counted for its late decisions and for each one that could not begin meanwhile", async () => {
    const run = start({ decideMs: (n) => (n === 0 ? 2_500 : 5) });
    await pass(3_400);
    expect(run.numbers()).toEqual([41, 43]);
    expect(run.bot.engine.missed).toBe(2);
  });

  test("is never forgotten nor counted twice, whatever is slow", async () => {
    const durations = fc.array(fc.constantFrom(0, 5, 700, 999, 1_000, 1_001, 2_500, 4_000), {
      minLength: 1,
      maxLength: 8,
    });
    const stalls = fc.array(
      fc.record({ afterMs: fc.integer({ min: 0, max: 3_000 }), ms: fc.integer({ min: 0, max: 5_000 }) }),
      {
        maxLength: 4,
      },
    );
    await fc.assert(
      fc.asyncProperty(durations, stalls, async (decideMs, pauses) => {
        const run = start({ decideMs: (n) => decideMs[n] ?? 5 });
        const inAt: number[] = [];
        const decided = run.live.decided.bind(run.live);
        const marketMs = () => NOON + 300 + performance.now() - beganMs;
        const beganMs = performance.now();
        run.live.decided = () => {
          inAt.push(marketMs());
          decided();
        };
        for (const { afterMs, ms } of pauses) {
          await pass(afterMs);
          stall(ms);
        }
        await pass(20_000);
        run.live.stop();
        await run.ended;
        for (const { cycle, atMs } of run.cycles) expect(atMs).toBe(NOON + (cycle - 40) * CYCLE_MS);
        const skipped = run.cycles.at(-1)!.cycle - 40 - run.cycles.length;
        const late = inAt.filter((atMs, index) => atMs >= run.cycles[index]!.atMs + CYCLE_MS).length;
        expect(run.bot.engine.missed).toBe(skipped + late);
      }),
      { numRuns: 60 },
    );
  });
});

describe("a run ends", () => {
  test.each([
    ["after so many cycles", { until: { type: "Cycles", cycles: 3 } }, "until", 3],
    ["after its last instant", { until: { type: "Utc", atMs: NOON + 4_000 } }, "until", 4],
    ["when the recording has nothing more", { endMs: NOON + 2_500 }, "data", 2],
  ] as const)("%s", async (_when, given, reason, count) => {
    const run = start(given);
    await pass(10_000);
    expect(await run.ended).toEqual({ reason });
    expect(run.cycles).toHaveLength(count);
  });

  test("when it is asked to, and then nothing goes on", async () => {
    const run = start({ decideMs: () => 600 });
    await pass(1_900);
    run.live.stop();
    expect(await run.ended).toEqual({ reason: "asked" });
    await pass(600);
    const { beats, statuses } = run.seen;
    await pass(60_000);
    expect(run.cycles).toHaveLength(2);
    expect(run.seen).toMatchObject({ beats, statuses });
    expect(watched.size).toBe(0);
  });
});

describe("beside the cycles", () => {
  test("the heart beats every 30 s, whatever the sandboxes do", async () => {
    const run = start({ decideMs: () => null });
    await pass(90_000);
    expect(run.seen.beats).toBe(3);
    expect(run.cycles).toHaveLength(1);
  });

  test("late decisions are waited for without turning round and round", async () => {
    const run = start({ decideMs: () => null });
    await pass(2_000);
    const timers = vi.getTimerCount();
    const turns = vi.spyOn(globalThis, "setTimeout");
    await pass(500);
    expect(turns).not.toHaveBeenCalled();
    expect(timers).toBe(2);
    run.live.decided();
    await pass(0);
    expect(run.numbers()).toEqual([41, 42]);
  });

  test("a wall clock that was set stops entries, and one that drifts does not", async () => {
    const run = start();
    await pass(1_500);
    step(250);
    await pass(1_000);
    expect(run.posted).toEqual([]);
    step(-3_000);
    await pass(1_000);
    expect(run.posted).toMatchObject([
      {
        type: "Latched",
        kind: "clock-step",
        mode: "entries-stopped",
        reason: "The system clock was moved by -3000 ms",
      },
    ]);
    await pass(5_000);
    expect(run.posted).toHaveLength(1);
  });

  test("a stall of the whole process is not a clock that was set", async () => {
    const run = start();
    await pass(1_500);
    stall(30_000);
    await pass(2_000);
    expect(run.posted.filter(({ type }) => type === "Latched")).toEqual([]);
  });

  test("the first decisions say how long the restart took, once", async () => {
    const run = start();
    expect(run.bot.measured.restartGapMs).toBeNull();
    await pass(1_000);
    const { restartGapMs } = run.bot.measured;
    expect(restartGapMs).not.toBeNull();
    await pass(1_000);
    expect(run.bot.measured.restartGapMs).toBe(restartGapMs);
  });
});

describe("files", () => {
  test("that changed are looked at, control.json from the start", async () => {
    const run = start();
    await pass(0);
    expect([...watched.keys()]).toEqual(["strategies", expect.stringContaining("control.json"), "underway.config.ts"]);
    expect(run.seen.looks).toEqual(["control"]);
    watched.get("underway.config.ts")!.changed("underway.config.ts", "");
    expect(run.seen.looks).toEqual(["control", "config"]);
    watched.get("strategies")!.changed("shared/edge.ts", "");
    expect(run.seen.reloads).toEqual(["momentum file", "trend file"]);
  });

  test("tell each second what control.json is, for it may be unanswered", async () => {
    const run = start();
    await pass(2_000);
    expect(run.seen.controls).toEqual(Array(2).fill(expect.stringMatching(/^digest of .*control.json$/)));
  });

  test("of a strategy that are gone change nothing that runs, and say so until they are back", async () => {
    const run = start();
    await pass(0);
    const { deleted, changed } = watched.get("strategies")!;
    deleted("momentum.ts");
    deleted("notes.ts");
    expect(run.bot.conditions.all).toMatchObject([{ type: "SourceMissing:momentum", status: "True" }]);
    expect(run.seen.reloads).toEqual([]);
    changed("momentum.ts", "");
    expect(run.bot.conditions.all).toEqual([]);
    expect(run.seen.reloads).toEqual(["momentum file"]);
  });
});
