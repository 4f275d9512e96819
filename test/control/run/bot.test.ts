// A bot on a real ledger and the simulated exchange, with a sandbox that hangs when it is told to.
import { expect, onTestFinished, test, vi } from "vitest";
import { parseConfig } from "../../../control/config.ts";
import { Bot } from "../../../control/run/bot.ts";
import type { RunOptions } from "../../../control/run-options.ts";
import type { DecisionRequest, DecisionResult } from "../../../engine/decide/decision.ts";
import type { SandboxHost } from "../../../engine/decide/port.ts";
import { type VersionKey, versionKey } from "../../../engine/decide/version.ts";
import type { PullFeed } from "../../../engine/feeds/port.ts";
import { Tally } from "../../../engine/sandbox/tally.ts";
import { InThreadStore } from "../../../engine/store/in-thread-store.ts";
import { InThreadVenue } from "../../../engine/venues/simulated/in-thread-venue.ts";
import { MemoryJournal } from "../../../engine/venues/simulated/memory-journal.ts";
import { SimulatedExchange } from "../../../engine/venues/simulated/simulated-exchange.ts";
import { aMarket, aTick, NOON, opening } from "../../support/a-market.ts";
import { SLOT } from "../../support/core.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { preparedOf, STRATEGY } from "./reload-bench.ts";

const CONFIG = parseConfig({ slots: [{ asset: "btc", interval: "5m", strategy: STRATEGY }] }, "underway.config.ts");
const LATCH = "quarantine:momentum@bbbbbbbb/00000000";
const FOREVER_MS = 86_400_000;

const FEED: PullFeed = {
  identity: "noon",
  grain: { type: "ticks" },
  slots: CONFIG.settings.slots,
  startMs: NOON,
  endMs: null,
  quotes: "recorded",
  history: () => [],
  between: (fromMs, toMs) => [...(fromMs === NOON ? opening(aMarket()) : []), aTick(toMs, 65_000)],
  recordedOutcomes: () => new Map(),
};

/** What outlives the process. */
class World {
  readonly dir = temporaryFolder();
  readonly journal = new MemoryJournal();
  /** The source of the strategy, one letter, and those that hang. */
  disk = "a";
  hanging = "b";
  readonly log: string[] = [];
  atMs = NOON;
}

interface Life {
  readonly bot: Bot;
  readonly images: Set<VersionKey>;
  /** One cycle; the code that decided, or null. */
  cycle(): string | null;
  end(): Promise<void>;
}

/** A start of the bot, as far as its first cycle. */
async function start(world: World): Promise<Life> {
  const images = new Set<VersionKey>();
  let asked: readonly DecisionRequest[] = [];
  const host: SandboxHost = {
    install: async (version) => void images.add(versionKey(version.facts.ref)),
    retire: (key) => void images.delete(key),
    decide(_cycle, requests, _deadlineMs, done) {
      asked = requests;
      for (const { version } of requests) expect(images).toContain(versionKey(version));
      done(requests.map((request) => resultOf(request, world.hanging)));
    },
    counters: () => new Tally("bellard").counters("ready", 0),
    close: async () => {},
  };
  let bot: Bot | null = null;
  const store = new InThreadStore(
    { dir: world.dir },
    { durable: (seq) => bot?.durable(seq), failed: ({ message }) => expect.unreachable(message) },
  );
  const write = (_fields: object, message: string) => void world.log.push(message);
  const prepared = async (code: string) => preparedOf(STRATEGY, code, [{}]);
  bot = new Bot({
    options: { config: "underway.config.ts" } as RunOptions,
    config: CONFIG,
    dir: world.dir,
    log: { debug: write, info: write, warn: write, error: write },
    feed: FEED,
    workshop: {
      prepare: () => prepared(world.disk),
      restore: (code) => prepared(code[0]!),
      evaluateConfig: () => Promise.reject(new Error("Not here")),
      close: async () => {},
    },
    host,
    recovered: await store.recover(),
    store,
    openVenue: (listener) => {
      const settings = { seed: 1, openingCashMicros: CONFIG.cold.cashMicros, resolutionDelayMs: { min: 1, max: 1 } };
      const exchange = new SimulatedExchange(settings, world.journal, listener);
      return new InThreadVenue({ exchange, onFailure: (error) => expect.unreachable(String(error)) });
    },
    speed: "max",
    deadlineMs: () => FOREVER_MS,
    onDecided: () => {},
    onFatal: (message) => expect.unreachable(message),
  });
  const life = bot;
  await Promise.all([life.reconcile(), life.resume()]);
  await life.considerDisk();
  return {
    bot: life,
    images,
    cycle() {
      life.advance(world.atMs, world.atMs + 1_000);
      world.atMs += 1_000;
      life.startCycle(life.engine.cycle + 1, world.atMs);
      for (let n = 0; n < 3; n++) life.retireUnused();
      return asked[0]?.version.code[0] ?? null;
    },
    end: () => store.close(),
  };
}

function resultOf({ slot, version, memory }: DecisionRequest, hanging: string): DecisionResult {
  if (hanging.includes(version.code[0]!)) {
    const fault = { kind: "hung", message: "it never came back", where: null, frame: null } as const;
    return { type: "Faulted", slot, version, fault, fuel: 0 };
  }
  return { type: "Decided", slot, version, signal: { kind: "hold", reason: "no edge" }, memory, fuel: 1 };
}

test("an edit that hangs is taken back, stays out across a restart, and is looked at again once it is cleared", async () => {
  const world = new World();
  const first = await start(world);
  expect([first.cycle(), first.cycle()]).toEqual(["a", "a"]);
  world.disk = "b";
  await first.bot.reloads.request(STRATEGY, "file");
  expect([1, 2, 3, 4].map(() => first.cycle())).toEqual(["b", "b", "b", "a"]);
  expect(world.log.slice(-2)).toEqual([
    expect.stringMatching(/^momentum@bbbbbbbb\/00000000 \(v2\) is quarantined: momentum@aaaaaaaa \(v1\) decides BTC/),
    expect.stringMatching(/^resumed momentum@aaaaaaaa \(v1\): decides 1 slots from cycle 6/),
  ]);
  const refused = {
    state: "rejected",
    stage: "gated",
    reasons: [expect.stringContaining(`clear ${LATCH} --reason "…"`)],
  };
  await vi.waitFor(() => expect(first.bot.reloads.last).toMatchObject(refused));
  expect(first.images).toEqual(new Set([versionKey(first.bot.engine.slots.get(SLOT)!.running!.ref)]));
  await first.end();

  const second = await start(world);
  onTestFinished(() => second.end());
  expect(second.bot.reloads.last).toMatchObject({ ...refused, cause: "start" });
  expect(second.cycle()).toBe("a");
  world.hanging = "";
  second.bot.loop.post({
    type: "SettingsAccepted",
    settings: CONFIG.settings,
    control: null,
    commands: [{ id: "c1", kind: "clear-latch", latch: LATCH, reason: "not its fault" }],
    author: "ops",
  });
  expect(second.cycle()).toBe("a");
  await vi.waitFor(() => expect(second.bot.reloads.last).toMatchObject({ state: "armed" }));
  expect(second.cycle()).toBe("b");
});

test("a bot that was killed before its last known good took over resumes nothing that is quarantined", async () => {
  const world = new World();
  world.disk = "b";
  const first = await start(world);
  expect([1, 2, 3].map(() => first.cycle())).toEqual(["b", "b", "b"]);
  await first.end();
  const second = await start(world);
  onTestFinished(() => second.end());
  expect(second.cycle()).toBeNull();
  expect(world.log).toContainEqual(expect.stringMatching(/^Not resumed: momentum@bbbbbbbb\/00000000 is quarantined/));
  world.disk = "c";
  await second.bot.reloads.request(STRATEGY, "file");
  expect(second.cycle()).toBe("c");
});
