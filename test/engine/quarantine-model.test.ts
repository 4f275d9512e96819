// Whatever happens in whatever order: armings, faults of every kind, positions, cleared latches, restarts.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { SlotId } from "../../engine/base/ids.ts";
import type { FaultKind, Signal } from "../../engine/decide/decision.ts";
import { STRIKES_MAX } from "../../engine/quarantine.ts";
import { type Core, hold, SLOT, tradingCore, up } from "../support/core.ts";
import { aSlot, settingsWith } from "../support/settings.ts";
import { versionFacts } from "../support/version-facts.ts";

const ETH = "ETH-5m-momentum" as SlotId;
const TWO_SLOTS = settingsWith({ slots: [aSlot("btc"), aSlot("eth")] });
type Outcome = FaultKind | "up" | Signal;

const code = fc.constantFrom("a", "b", "c", "d");
const outcome = fc.constantFrom<Outcome>("hung", "host", "hung", "overdue", "threw", "up", hold);
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant("cycle" as const), btc: outcome, eth: outcome }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("arm" as const), code, both: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("arm in a cycle" as const), code, btc: outcome, eth: outcome }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("clear" as const), code }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("restart" as const) }) },
);

/** What should stand, counted by the test itself. */
class Expected {
  readonly quarantined = new Set<string>();
  readonly strikes = new Map<string, number>();

  hear(core: Core, said: { readonly [slot: string]: Outcome }): void {
    const struck = core.requests.filter(({ slot }) => said[slot] === "hung" || said[slot] === "host");
    for (const version of new Set(struck.map(({ version }) => version.code[0]!))) {
      const strikes = (this.strikes.get(version) ?? 0) + 1;
      this.strikes.set(version, strikes % STRIKES_MAX);
      if (strikes === STRIKES_MAX) this.quarantined.add(version);
    }
  }
}

test("a quarantined version is asked nothing, and three strikes are what it takes", async () => {
  const seen = { quarantined: 0, restored: 0, empty: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60, size: "max" }), async (steps) => {
      let core = await tradingCore({ settings: TWO_SLOTS });
      const expected = new Expected();
      let [second, commands] = [0, 0];
      const cycle = (btc: Outcome, eth: Outcome, inside: () => void = () => {}) => {
        second += 1;
        core.feed(second);
        core.begin(second);
        for (const { version } of core.requests) expect(expected.quarantined).not.toContain(version.code[0]);
        seen.empty += [...core.engine.slots.all].filter(({ running }) => running === null).length;
        inside();
        const before = expected.quarantined.size;
        expected.hear(core, { [SLOT]: btc, [ETH]: eth });
        const orders = core.submitted.length;
        core.decide({ [SLOT]: btc === "up" ? up() : btc, [ETH]: eth === "up" ? up() : eth });
        for (const order of core.submitted.slice(orders)) core.fill(order);
        if (expected.quarantined.size === before) return;
        seen.quarantined += 1;
        seen.restored += [...core.engine.slots.all].filter(({ armed }) => armed !== null).length;
      };
      for (const each of steps) {
        if (each.do === "cycle") cycle(each.btc, each.eth);
        else if (each.do === "arm") core.arm(versionFacts({ code: each.code }), each.both ? [SLOT, ETH] : [SLOT]);
        else if (each.do === "arm in a cycle")
          cycle(each.btc, each.eth, () => void core.arm(versionFacts({ code: each.code })));
        else if (each.do === "clear") {
          const latch = `quarantine:momentum@${each.code.repeat(8)}/00000000`;
          core.configure({}, [{ id: `c${++commands}`, kind: "clear-latch", latch, reason: "looked at it" }]);
          expected.quarantined.delete(each.code);
          cycle(hold, hold);
        } else {
          cycle(hold, hold);
          core = await core.restart();
          core.reconcile();
          expected.strikes.clear();
        }
        const latched = core.engine.latches.standing.map(({ scope }) => scope.charAt("momentum@".length));
        expect(new Set(latched)).toEqual(expected.quarantined);
      }
      await core.close();
    }),
    { numRuns: 60 },
  );
  expect(Math.min(seen.quarantined, seen.restored, seen.empty)).toBeGreaterThan(0);
});
