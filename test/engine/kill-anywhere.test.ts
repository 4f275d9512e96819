// The core against the simulated exchange, killed again and again at the worst moments: whatever is lost on the way, ledger and
// exchange agree in the end, no order is sent twice, and no limit is passed at any instant.
import { expect, test } from "vitest";
import type { SlotId } from "../../engine/base/ids.ts";
import { hash32, uniform } from "../../engine/base/prng.ts";
import type { Signal } from "../../engine/decide/decision.ts";
import type { ExecutionReport, VenueCommand } from "../../engine/venues/port.ts";
import { MemoryJournal } from "../../engine/venues/simulated/memory-journal.ts";
import { SimulatedExchange } from "../../engine/venues/simulated/simulated-exchange.ts";
import { aMarket, aTick, e18, NOON, STRIKE, UNIT } from "../support/a-market.ts";
import { CASH, type Core, openCore, SLOT } from "../support/core.ts";
import { aSlot, LIMITS, settingsWith } from "../support/settings.ts";
import { versionFacts } from "../support/version-facts.ts";

const ETH = "ETH-5m-momentum" as SlotId;
const SLOTS = [SLOT, ETH];
const SETTINGS = settingsWith({
  slots: [aSlot("btc"), aSlot("eth")],
  risk: { ...LIMITS, minEdgeMicros: 0, totalMicros: 12 * UNIT },
});
const VERSIONS = ["a", "b"].map((code) => versionFacts({ code }));
const SEEDS = 6;
const STEP_SECONDS = 5;
/** Two windows are traded; the rest is for what is left to settle. */
const TRADED_SECONDS = 600;
const END_SECONDS = 1_000;
const KILL_CHANCE = 0.2;

/** What dies with the process: the commit, the commands that wait for it, or the venue's answers to them. */
const KILLS = ["before the disk", "before the venue", "before the answer"] as const;

class World {
  readonly seen = { kills: 0, unknown: 0, missedFills: 0, claims: 0, exits: 0 };
  readonly #seed: number;
  readonly #exchange: SimulatedExchange;
  readonly #submitted = new Map<string, string>();
  #reports: ExecutionReport[] = [];
  core: Core;

  constructor(seed: number, core: Core) {
    this.#seed = seed;
    const settings = {
      seed,
      openingCashMicros: CASH,
      resolutionDelayMs: { min: 50_000, max: 150_000 },
      rejectPpm: 50_000,
    };
    this.#exchange = new SimulatedExchange(settings, new MemoryJournal(), {
      report: (report) => this.#reports.push(report),
      market: (events) => this.core.post({ type: "Market", events }),
    });
    this.core = core;
    this.#exchange.advance(NOON - 1_000);
    this.#start();
  }

  step(second: number): void {
    const atMs = NOON + second * 1_000;
    this.#hear(second);
    this.#exchange.advance(atMs);
    this.#deliver();
    this.core.begin(second);
    this.core.decide(second < TRADED_SECONDS ? this.#answers(second) : {});
    if (uniform(this.#seed, second, 3) < 0.02) this.core.arm(VERSIONS[hash32(this.#seed, second, 4) % 2]!);
    const { desk } = this.core.engine;
    const committed =
      desk.heldMicros(() => true) +
      desk.inFlightMicros(
        () => true,
        () => aMarket().feeRatePpm,
      );
    expect(committed).toBeLessThanOrEqual(SETTINGS.risk.totalMicros);
  }

  /** A step in which the process dies; it comes back before the next. */
  async kill(second: number): Promise<void> {
    const how = KILLS[hash32(this.#seed, second, 5) % KILLS.length]!;
    this.seen.kills += 1;
    this.core.diskIsThere = how !== "before the disk";
    this.core.diskIsFast = how === "before the answer";
    this.step(second);
    this.#exchange.advance(NOON + second * 1_000 + 900);
    this.#reports = [];
    this.core = await this.core.restart();
    this.#start();
  }

  /** Everything is over: what does the exchange say? */
  settle(): void {
    this.core.heartbeat();
    this.#deliver();
  }

  #start(): void {
    this.core.toVenue = (command) => this.#send(command);
    this.#send(this.core.engine.reconcileCommand());
    this.#deliver();
    for (const version of VERSIONS) this.core.arm(version);
  }

  #send(command: VenueCommand): void {
    if (command.type === "Submit") {
      const bytes = JSON.stringify(command.order);
      expect(this.#submitted.get(command.order.clientOrderId) ?? bytes).toBe(bytes);
      this.#submitted.set(command.order.clientOrderId, bytes);
    }
    this.seen.claims += command.type === "Claim" ? 1 : 0;
    this.#exchange.handle(command);
  }

  #deliver(): void {
    for (const report of this.#reports.splice(0)) {
      if (report.type === "Reconciled") {
        for (const order of report.snapshot.orders) {
          this.seen.unknown += order.status === "unknown" ? 1 : 0;
          this.seen.missedFills += "fills" in order ? order.fills.length : 0;
        }
      }
      this.core.post({ type: "Reported", report });
    }
  }

  /** The feed: a price each step and at each boundary, markets ahead of time, strikes at their open. */
  #hear(second: number): void {
    const atMs = NOON + second * 1_000;
    for (const asset of ["btc", "eth"] as const) {
      const openMs = atMs - (atMs % 300_000);
      const market = aMarket({ asset, openMs });
      const strike = (at: number) => STRIKE + Math.round(200 * uniform(this.#seed, at, asset.length));
      const events = [
        { type: "MarketListed", market } as const,
        aTick(atMs, strike(second), { asset }),
        ...(atMs === openMs ? [{ type: "StrikeSet", market: market.id, strikeE18: e18(strike(second)) } as const] : []),
      ];
      this.#exchange.observe(events);
      this.core.post({ type: "Market", events });
    }
  }

  #answers(second: number): Record<string, Signal> {
    return Object.fromEntries(SLOTS.map((slot, index) => [slot, this.#signal(hash32(this.#seed, second, index))]));
  }

  #signal(draw: number): Signal {
    const reason = "drawn";
    const kind = draw % 2 === 0 ? "up" : "down";
    if (draw % 11 < 3) return { kind, probability: 0.95, limit: null, reason };
    if (draw % 11 < 6) return { kind, probability: 0.95, limit: 0.3 + (draw % 40) / 100, reason };
    const isExit = draw % 61 === 6;
    if (isExit) this.seen.exits += 1;
    return { kind: isExit ? "exit" : "hold", reason };
  }
}

test("after any kills the ledger is what the exchange says", async () => {
  const seen = { kills: 0, unknown: 0, missedFills: 0, claims: 0, exits: 0 };
  for (let seed = 1; seed <= SEEDS; seed++) {
    const world = new World(seed, await openCore({ settings: SETTINGS }));
    for (let second = 0; second <= END_SECONDS; second += STEP_SECONDS) {
      if (uniform(seed, second, 9) < KILL_CHANCE) await world.kill(second);
      else world.step(second);
    }
    world.settle();
    const { engine } = world.core;
    const told = `seed ${seed}`;
    expect(engine.latches.standing, told).toEqual([]);
    expect(engine.venueAgrees, told).toBe(true);
    expect(engine.desk.liveOrders, told).toEqual([]);
    expect(engine.desk.openPositions, told).toEqual([]);
    const { ledger } = engine.desk;
    expect(ledger.balance("claims"), told).toBe(0);
    expect(ledger.balance("cash"), told).toBe(CASH + SLOTS.reduce((sum, slot) => sum + ledger.profitMicros(slot), 0));
    for (const [name, count] of Object.entries(world.seen)) seen[name as keyof typeof seen] += count;
  }
  // What the test is about has really happened, and often.
  expect(seen.kills).toBeGreaterThan(SEEDS * 10);
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(SEEDS / 4);
});
