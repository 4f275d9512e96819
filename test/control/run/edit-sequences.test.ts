import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { versionsInUse } from "../../../control/run/versions-in-use.ts";
import { coreDigest } from "../../../engine/reload/core-digest.ts";
import { MISSING } from "../../support/letter-sources.ts";
import { Timers } from "../../support/told-timers.ts";
import { Pair, PREPARING_MS, PROVING_MS, STRATEGIES, type Strategy } from "./edit-pair.ts";
import { POLICIES, type Policy } from "./edit-terms.ts";

const SEQUENCES = Number(process.env.SEQUENCES ?? 25);
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
      // A canary that was taken back is gone from the next boundary on; a stop that comes before it finds it running, and so
      // does one that comes while its slot stands still, for it had nothing to go back to.
      if (each.do === "stop" && pair.all.some(({ isTakingBack }) => isTakingBack)) pair.cycle();
      await pair.settle();
      if (pair.all.some(({ slots }) => slots.some(({ running, armed }) => running === null && armed === null))) return;
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
    model.isDue = false; // It is being looked at.
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
