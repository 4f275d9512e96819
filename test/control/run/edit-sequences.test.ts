// Edits, control, approvals, kills and restarts in any order, on a whole bot: after each of them what decides every slot is what a
// small description of the rules says. `SEQUENCES=200` runs as many; a failure prints its seed and the shortest sequence.
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { parseConfig } from "../../../control/config.ts";
import { dataDirectory } from "../../../control/data-directory.ts";
import { versionsInUse } from "../../../control/run/versions-in-use.ts";
import type { Status } from "../../../control/status.ts";
import { type SlotId, slotId } from "../../../engine/base/ids.ts";
import type { VersionFacts } from "../../../engine/decide/version.ts";
import { coreDigest } from "../../../engine/reload/core-digest.ts";
import { NOON } from "../../support/a-market.ts";
import { LetterWorld, type Life, startLetterBot } from "../../support/letter-bot.ts";
import { BROKEN, IMPURE, MISSING, MISTYPED, nameOf } from "../../support/letter-sources.ts";
import { POLICIES, type Policy, StrategyModel, WINDOW } from "./edit-model.ts";

const SEQUENCES = Number(process.env.SEQUENCES ?? 25);
const CYCLE_MS = 60_000;
/** From a save to the gate: 75 quiet, then bundled and loaded, then types, rehearsal and installation at once. */
const DELAYS_MS = { prepare: 10, check: 20, rehearse: 30, rest: 500, install: 15 };
const AT_ONCE = { prepare: 0, check: 0, rehearse: 0, rest: 0, install: 0 };
const PREPARING_MS = 80;
const PROVING_MS = 100;
const STRATEGIES = { momentum: ["a", "b", "c", MISTYPED, IMPURE, BROKEN], trend: ["7", "8", "9", BROKEN] } as const;
type Strategy = keyof typeof STRATEGIES;

const CONFIG = parseConfig(
  {
    cycle: "60s",
    slots: [
      { asset: "btc", interval: "5m", strategy: "momentum" },
      { asset: "eth", interval: "5m", strategy: "momentum", params: { size: 1 } },
      { asset: "sol", interval: "5m", strategy: "momentum" },
      { asset: "btc", interval: "5m", strategy: "trend" },
    ],
    risk: { staleAfter: "10s", dailyLoss: "10000.00", ordersPerMinute: 6_000 },
    probation: { windows: 2 },
  },
  "underway.config.ts",
);

const strategy = fc.constantFrom<Strategy>("momentum", "momentum", "momentum", "trend");
const nth = fc.nat({ max: 5 });
const pick = (of: Strategy, index: number): string => STRATEGIES[of][index % STRATEGIES[of].length]!;

const step = fc.oneof(
  { weight: 9, arbitrary: fc.record({ do: fc.constant("cycles" as const), count: fc.integer({ min: 1, max: 8 }) }) },
  {
    weight: 9,
    arbitrary: fc.record({
      do: fc.constant("save" as const),
      strategy,
      nth,
      /** Saves before it, and how long after each the next one comes. */
      before: fc.array(fc.record({ nth, ms: fc.constantFrom(0, 40, PREPARING_MS, PROVING_MS) }), { maxLength: 2 }),
      /** A boundary comes while it is bundled. */
      across: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("delete" as const), strategy }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("params" as const), strategy, size: fc.constantFrom(2, 3, null) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("policy" as const),
      strategy,
      policy: fc.constantFrom(...(Object.keys(POLICIES) as Policy[])),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("mode" as const),
      mode: fc.constantFrom("active", "active", "entries-stopped", "halted"),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom("approve", "reject"),
      strategy,
      isStale: fc.constantFrom(false, false, true),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("promote", "rollback"), strategy }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("bad control" as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("kill", "stop") }) },
);
type TakenStep = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** What some sequence of so many must come to, as the log tells it: a storm that never reaches a canary proves little. */
const SEEN = [
  "is superseded",
  "is rejected: rejected by",
  "is rolled-back: rolled back by",
  "refused at bundled",
  "refused at type-checked",
  "refused at rehearsed",
  "refused at gated",
  "has passed shadow:1",
  "has passed canary:1/1",
  "has passed approve",
  "is approved, by",
  "goes past",
  "new params for",
  "is permanent",
  "resumed",
  "control.json refused",
  "Mode is halted",
];
const SEEN_AFTER = 100;

/** Timers that run when they are told to: no sequence waits for a clock. */
class Timers {
  #nowMs = 0;
  #waiting: { readonly atMs: number; readonly run: () => void }[] = [];

  readonly set = (run: () => void, ms = 0) => {
    const timer = { atMs: this.#nowMs + ms, run };
    this.#waiting.push(timer);
    return timer;
  };
  readonly clear = (timer: unknown) => {
    this.#waiting = this.#waiting.filter((each) => each !== timer);
  };

  async elapse(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      const [next] = this.#waiting.toSorted((a, b) => a.atMs - b.atMs);
      if (next === undefined || next.atMs > untilMs) break;
      this.#nowMs = next.atMs;
      this.clear(next);
      next.run();
      await new Promise(setImmediate);
    }
    this.#nowMs = untilMs;
  }

  async settle(): Promise<void> {
    await new Promise(setImmediate);
    while (this.#waiting.length > 0) await this.elapse(1_000);
  }
}

interface Command {
  readonly id: string;
  readonly kind: "approve" | "reject" | "promote" | "rollback";
  readonly strategy: Strategy;
  readonly versions: string;
}

interface Control {
  readonly version: number;
  readonly mode: string;
  readonly wishes: Readonly<Record<Strategy, { readonly size: number | null; readonly policy: Policy }>>;
  readonly commands: readonly Command[];
}

const FIRST: Control = {
  version: 0,
  mode: "active",
  wishes: { momentum: { size: null, policy: "auto" }, trend: { size: null, policy: "auto" } },
  commands: [],
};

/** The bot and what it must be like, side by side. */
class Pair {
  readonly world = new LetterWorld(CONFIG);
  readonly timers: Timers;
  readonly models: Readonly<Record<Strategy, StrategyModel>>;
  life!: Life;
  /** As on disk; null while that is refused. */
  file: Control | null = null;
  /** Taken at the next boundary. */
  accepted = FIRST;
  applied = FIRST;
  readonly #obeyed = new Set<string>();
  #commands = 0;

  constructor(timers: Timers) {
    this.timers = timers;
    this.world.brain = (letter) => {
      const isLate = (this.world.atMs / CYCLE_MS) % WINDOW >= 2;
      const buys = "a7".includes(letter) || ("c9".includes(letter) && isLate);
      return buys ? { kind: "up", probability: 0.9, limit: null, reason: "edge" } : { kind: "hold", reason: "no edge" };
    };
    const sized = (asset: "btc" | "eth" | "sol", name: Strategy, size: number) => ({
      id: slotId(asset, "5m", name),
      size,
    });
    this.models = {
      momentum: new StrategyModel("momentum", "a", [
        sized("btc", "momentum", 0),
        sized("eth", "momentum", 1),
        sized("sol", "momentum", 0),
      ]),
      trend: new StrategyModel("trend", "7", [sized("btc", "trend", 0)]),
    };
    Object.assign(this.world.disk, { momentum: "a", trend: "7" });
  }

  get all(): readonly StrategyModel[] {
    return Object.values(this.models);
  }

  async start(): Promise<void> {
    this.world.delaysMs = AT_ONCE;
    this.life = await startLetterBot(this.world, async (bot) => {
      const good = new Map(
        [...bot.engine.slots.all].map(({ settings, lastGood }) => [settings.id as string, lastGood]),
      );
      for (const model of this.all) model.restart((id) => (good.get(id) ?? []).map((facts) => nameOf(facts.ref)!));
      this.world.delaysMs = DELAYS_MS;
      void bot.considerDisk();
      await this.timers.settle();
    });
    for (const model of this.all) model.look();
    this.accepted = this.applied;
    await this.life.bot.steering.lookAtControl();
    if (this.file !== null && this.file.version > this.applied.version) this.#accept(this.file);
    await this.timers.settle();
  }

  #accept(control: Control): void {
    this.accepted = control;
    for (const model of this.all) model.resize(control.wishes[model.name as Strategy].size);
  }

  async control(changes: Partial<Control>): Promise<void> {
    const control = {
      ...this.accepted,
      ...changes,
      version: Math.max(this.accepted.version, this.file?.version ?? 0) + 1,
    };
    this.file = control;
    this.world.writeControl(inFile(control));
    await this.life.bot.steering.lookAtControl();
    expect(this.life.bot.steering.observed).toMatchObject({ version: control.version, result: "Ack" });
    this.#accept(control);
    await this.timers.settle();
  }

  wish(name: Strategy, change: Partial<Control["wishes"][Strategy]>): Promise<void> {
    const { wishes } = this.accepted;
    return this.control({ wishes: { ...wishes, [name]: { ...wishes[name], ...change } } });
  }

  command(kind: Command["kind"], name: Strategy, versions = ""): Promise<void> {
    this.#commands += 1;
    return this.control({
      commands: [...this.accepted.commands, { id: `c${this.#commands}`, kind, strategy: name, versions }],
    });
  }

  cycle(): void {
    const { life } = this;
    const { bot } = life;
    life.hear();
    for (const model of this.all) for (const slot of model.slots) if (this.#held(slot.id) === null) slot.pin = null;
    life.decide();
    const cycle = (this.world.atMs - NOON) / CYCLE_MS;
    this.#cross();
    const { mode } = this.accepted;
    expect(bot.engine.mode).toBe(mode);
    expect(bot.engine.missed).toBe(0);
    const asked = new Map(life.asked.map(({ slot, version }) => [slot as string, nameOf(version)]));
    expect(asked.size).toBe(life.asked.length);
    for (const model of this.all) {
      const deciders = [...model.deciders(cycle)];
      const expected = mode === "halted" ? [] : deciders.filter(([, name]) => name !== null);
      const actual = model.slots.flatMap(({ id }) => (asked.has(id) ? [[id, asked.get(id)]] : []));
      expect(actual).toEqual(expected);
      model.decided(cycle, mode !== "halted");
      this.#pin(model, new Map(deciders), cycle);
      model.commit();
    }
    this.#checkCore();
  }

  /** What the next cycle's boundary takes first. */
  #cross(): void {
    this.applied = this.accepted;
    for (const model of this.all) model.policy = this.accepted.wishes[model.name as Strategy].policy;
    for (const { id, kind, strategy: name, versions } of this.accepted.commands) {
      if (this.#obeyed.has(id)) continue;
      this.#obeyed.add(id);
      const model = this.models[name];
      if (kind === "approve") model.approve(versions);
      else if (kind === "reject") model.reject(versions);
      else if (kind === "promote") model.promote();
      else model.rollBack();
    }
    for (const model of this.all) model.cross();
  }

  /** What is held stays with what entered: the first decider of a window that buys has it to its end. */
  #pin(model: StrategyModel, deciders: ReadonlyMap<string, string | null>, cycle: number): void {
    for (const slot of model.slots) {
      const held = this.#held(slot.id);
      if (held !== null) slot.pin ??= { window: Math.floor(cycle / WINDOW), name: deciders.get(slot.id)! };
      expect(held ?? slot.pin?.name).toBe(slot.pin?.name);
    }
  }

  /** What bought, or is about to, in the slot's window. */
  #held(id: string): string | null {
    const { desk, market, slots } = this.life.bot.engine;
    const { asset, interval } = slots.get(id as SlotId)!.settings;
    const window = market.current(asset, interval, this.world.atMs)?.market.id;
    const all = [...desk.openPositions, ...desk.liveOrders];
    return nameOf(all.find((each) => each.slot === id && each.market === window)?.version);
  }

  /** What a reload must leave alone, and what must have been written before anything decided. */
  #checkCore(): void {
    const { engine, steering } = this.life.bot;
    for (const { running, settings } of engine.slots.all) {
      const activated = engine.slots.activated(settings.id);
      if (running !== null) expect(nameOf(activated)).toBe(nameOf(running.ref));
    }
    for (const { strategy: name } of CONFIG.settings.slots) {
      const { coreBefore = null, coreAfter = null } = engine.receipts.of(name) ?? {};
      expect(coreAfter).toBe(coreBefore);
    }
    expect(steering.applied?.version ?? 0).toBe(this.accepted.version);
  }

  /** After the cycle, or the change, has had all its consequences. */
  async settle(): Promise<void> {
    await this.timers.settle();
    for (const model of this.all) {
      if (!model.isDue) continue;
      model.isDue = false;
      model.look();
    }
  }

  agree(): void {
    const { engine } = this.life.bot;
    const names = (facts: readonly (VersionFacts | null)[]) => facts.map((each) => nameOf(each?.ref));
    const seen = this.all.map(({ name, slots }) => {
      const waiting = engine.candidates.waiting(name);
      return {
        name,
        isRefused: engine.candidates.isRefused(name),
        slots: slots.map(({ id }) => {
          const { running, armed, lastGood } = engine.slots.get(id as SlotId)!;
          return { id, running: nameOf(running?.ref), armed: nameOf(armed?.ref), good: names(lastGood) };
        }),
        candidate: waiting && {
          wanted: [...waiting.wanted].map(([id, key]) => `${id} ${key[0]}${key.at(-1)}`),
          passed: waiting.passed,
          isArmed: waiting.receipt.state === "armed",
          isApproved: waiting.approvedBy !== null,
          canary: waiting.canary,
        },
      };
    });
    const wanted = this.all.map(({ name, slots, candidate, isRefused }) => ({
      name,
      isRefused,
      slots: slots.map(({ id, running, armed, good }) => ({ id, running, armed, good })),
      candidate: candidate && {
        wanted: [...candidate.wanted].map(([{ id }, version]) => `${id} ${version}`),
        passed: candidate.passed,
        isArmed: candidate.isArmed,
        isApproved: candidate.isApproved,
        canary: candidate.canary.map(({ id }) => id),
      },
    }));
    expect(seen).toEqual(wanted);
    const barred = engine.latches.standing.map(({ scope }) => `${scope.at(-17)}${scope.at(-1)}`).sort();
    expect(barred).toEqual(this.all.flatMap((model) => [...model.barred]).sort());
  }

  async end(how: "kill" | "stop"): Promise<void> {
    // A canary that was taken back is gone from the next boundary on; a stop that comes before it finds it running.
    if (how === "stop" && this.all.some(({ isTakingBack }) => isTakingBack)) this.cycle();
    await this.settle();
    if (how === "kill") {
      await this.life.kill();
      for (const model of this.all) model.kill();
      return;
    }
    const { slots } = this.life.bot.engine;
    const running = [...slots.all].map(({ running: facts }) => nameOf(facts?.ref)?.[0] ?? null);
    await this.life.stop();
    const status = JSON.parse(readFileSync(dataDirectory(this.world.dir).status, "utf8")) as Status;
    expect(status.slots.map((slot) => slot.running?.at(-1) ?? null)).toEqual(running);
    for (const { name, candidate } of status.strategies) {
      const model = this.models[name as Strategy].candidate;
      expect(candidate?.params ?? null).toBe(model === null ? null : hashesOf(model.versions.join()).params);
    }
  }
}

/** Full hashes of versions like "b0,b1". */
function hashesOf(versions: string): { readonly code: string; readonly params: string } {
  const names = versions === "" ? ["00"] : versions.split(",");
  const params = names.map((name) => name[1]!.repeat(64)).sort();
  return { code: names[0]![0]!.repeat(64), params: params.join("+") };
}

const inFile = ({ version, mode, wishes, commands }: Control): object => ({
  version,
  mode,
  strategies: Object.fromEntries(
    Object.entries(wishes).map(([name, { size, policy }]) => [
      name,
      { promotion: policy, ...(size === null ? {} : { params: { size } }) },
    ]),
  ),
  commands: commands.map(({ versions, ...command }) =>
    command.kind === "approve" || command.kind === "reject" ? { ...command, ...hashesOf(versions) } : command,
  ),
});

async function take(pair: Pair, each: TakenStep): Promise<void> {
  const { world, timers } = pair;
  switch (each.do) {
    case "cycles":
      for (let n = 0; n < each.count; n++) {
        pair.cycle();
        await pair.settle();
        pair.agree();
      }
      return;
    case "save":
      return save(pair, each);
    case "delete":
      world.disk[each.strategy] = MISSING;
      pair.models[each.strategy].disk = MISSING;
      return;
    case "params":
      return pair.wish(each.strategy, { size: each.size });
    case "policy":
      return pair.wish(each.strategy, { policy: each.policy });
    case "mode":
      return pair.control({ mode: each.mode });
    case "approve":
    case "reject": {
      const { candidate } = pair.models[each.strategy];
      const versions = each.isStale || candidate === null ? "f0" : [...candidate.versions].sort().join();
      return pair.command(each.do, each.strategy, versions);
    }
    case "promote":
    case "rollback":
      return pair.command(each.do, each.strategy);
    case "bad control": {
      const { settings } = pair.life.bot.steering;
      const version = Math.max(pair.accepted.version, pair.file?.version ?? 0) + 1;
      world.writeControl({ version, modee: "halted" });
      await pair.life.bot.steering.lookAtControl();
      expect(pair.life.bot.steering.observed.result).toBe("Nack");
      expect(pair.life.bot.steering.settings).toBe(settings);
      pair.file = null;
      return timers.settle();
    }
    case "kill":
    case "stop":
      await pair.end(each.do);
      return pair.start();
  }
}

async function save(pair: Pair, { strategy: name, nth, before, across }: Extract<TakenStep, { do: "save" }>) {
  const { world, timers, life } = pair;
  const model = pair.models[name];
  const write = (letter: string) => {
    world.disk[name] = letter;
    void life.bot.reloads.request(name, "file");
  };
  for (const { nth, ms } of before) {
    const letter = pick(name, nth);
    write(letter);
    await timers.elapse(ms);
    if (ms === PROVING_MS) model.savePassing(letter);
  }
  const letter = pick(name, nth);
  write(letter);
  if (across) {
    await timers.elapse(PREPARING_MS);
    model.disk = letter;
    pair.cycle();
    await pair.settle();
  }
  await timers.settle();
  model.save(letter);
}

const timers = new Timers();
beforeEach(() => {
  vi.stubGlobal("setTimeout", timers.set);
  vi.stubGlobal("clearTimeout", timers.clear);
});
afterEach(() => {
  vi.unstubAllGlobals();
});

const seen = new Set<string>();

test("whatever is edited, said and killed in whatever order, what decides is what the rules say", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40, size: "max" }), async (steps) => {
      const pair = new Pair(timers);
      await pair.start();
      try {
        await take(pair, { do: "cycles", count: 1 });
        for (const each of steps) {
          const { engine } = pair.life.bot;
          const { cycle } = engine;
          const digest = coreDigest(engine.desk, engine.latches);
          await take(pair, each);
          pair.agree();
          // Between two boundaries nothing that is said or saved touches orders, positions, money and latches.
          if (engine.cycle === cycle) expect(coreDigest(engine.desk, engine.latches)).toBe(digest);
        }
        const { bot, images } = pair.life;
        for (let n = 0; n < 2; n++) bot.retireUnused();
        expect(images).toEqual(versionsInUse(bot.engine));
      } finally {
        await pair.life.kill();
        for (const what of SEEN) if (pair.world.log.some((line) => line.includes(what))) seen.add(what);
      }
    }),
    { numRuns: SEQUENCES },
  );
  if (SEQUENCES >= SEEN_AFTER) expect([...seen].sort()).toEqual([...SEEN].sort());
}, 600_000);
