// A whole bot and the model of what it must be like, side by side: each thing that happens to the one happens to the other.
import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { parseConfig } from "../../../control/config.ts";
import { dataDirectory } from "../../../control/data-directory.ts";
import type { Status } from "../../../control/status.ts";
import { type SlotId, slotId } from "../../../engine/base/ids.ts";
import type { VersionFacts } from "../../../engine/decide/version.ts";
import { NOON } from "../../support/a-market.ts";
import { LetterWorld, type Life, startLetterBot } from "../../support/letter-bot.ts";
import { BROKEN, IMPURE, MISTYPED, nameOf } from "../../support/letter-sources.ts";
import type { Timers } from "../../support/told-timers.ts";
import { StrategyModel } from "./edit-model.ts";
import { type Policy, WINDOW } from "./edit-terms.ts";

const CYCLE_MS = 60_000;
/** From a save to the gate: 75 quiet, then bundled and loaded, then types, rehearsal and installation at once. */
const DELAYS_MS = { prepare: 10, check: 20, rehearse: 30, rest: 500, install: 15 };
const AT_ONCE = { prepare: 0, check: 0, rehearse: 0, rest: 0, install: 0 };
export const PREPARING_MS = 80;
export const PROVING_MS = 100;
export const STRATEGIES = {
  momentum: ["a", "b", "c", MISTYPED, IMPURE, BROKEN],
  trend: ["7", "8", "9", BROKEN],
} as const;
export type Strategy = keyof typeof STRATEGIES;

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
export class Pair {
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
