// Two versions in the same windows: what counts, what is compared, and what a restart finds of it.
import { describe, expect, test } from "vitest";
import type { SlotId } from "../../../engine/base/ids.ts";
import type { Signal } from "../../../engine/decide/decision.ts";
import type { WindowState } from "../../../engine/market/market-state.ts";
import { Trial, type TrialArm, type TrialMoment } from "../../../engine/reload/trial.ts";
import { aMarket, e18, NOON, STRIKE, UNIT } from "../../support/a-market.ts";
import { aQuote } from "../../support/a-quote.ts";
import { CASH, down, hold, SLOT, up } from "../../support/core.ts";
import { LIMITS } from "../../support/settings.ts";

const ETH = "ETH-5m-momentum" as SlotId;
const always = () => true;

const aWindow = (n = 0, asset: "btc" | "eth" = "btc"): WindowState => {
  const openMs = NOON + n * 300_000;
  const quote = aQuote(openMs);
  return { market: aMarket({ asset, openMs }), strikeE18: e18(STRIKE), endE18: null, quote };
};
const at = (window: WindowState, second: number): TrialMoment => ({
  terms: {
    sizing: { type: "fixedStake", stakeMicros: 5 * UNIT },
    scalePpm: 1_000_000,
    limits: LIMITS,
    bankrollMicros: CASH,
  },
  spotAtMs: window.market.openMs + second * 1_000,
  nowMs: window.market.openMs + second * 1_000,
  isFirst: second === 0,
});

interface Heard {
  readonly slot?: SlotId;
  readonly from?: number;
  readonly candidate?: Signal | null;
  readonly running?: Signal | null;
}

/** Both arms are heard from that second on, or only those that are given. Then the window ends. */
function hear(trial: Trial, window: WindowState, said: Heard, outcome: "up" | "down" | null = "up") {
  const { slot = SLOT, from = 0 } = said;
  for (const second of [from, from + 1]) {
    for (const arm of ["candidate", "running"] as const satisfies readonly TrialArm[]) {
      const signal = said[arm];
      if (signal !== undefined) trial.heard(arm, slot, window, second === from ? hold : signal, at(window, second));
    }
  }
  if (outcome !== null) window.endE18 = e18(outcome === "up" ? STRIKE + 1 : STRIKE - 1);
  return window;
}
const settle = (trial: Trial, ...windows: readonly WindowState[]) =>
  trial.settled(windows, (windows[0]?.market.closeMs ?? NOON) + 5_000);

describe("a window counts", () => {
  test.each([
    ["seen from its first cycle on by both", { candidate: hold, running: hold }, 1, 1],
    ["in which the candidate faulted", { candidate: null, running: hold }, 1, 1],
    ["that nothing but the candidate decided", { candidate: hold }, 1, 0],
    ["that the candidate did not decide", { running: hold }, 0, 0],
    ["first seen in its second cycle", { candidate: hold, running: hold, from: 1 }, 0, 0],
  ])("%s", (_, said, windows, compared) => {
    const trial = new Trial([SLOT]);
    settle(trial, hear(trial, aWindow(), said));
    expect([trial.least(always), trial.state.compared]).toEqual([windows, compared]);
  });

  test("once its end is known, and never when that has not come ten minutes later", () => {
    const trial = new Trial([SLOT]);
    const window = hear(trial, aWindow(), { candidate: hold, running: hold }, null);
    trial.settled([window], window.market.closeMs + 5_000);
    expect(trial.least(always)).toBe(0);
    trial.settled([], window.market.closeMs + 600_001);
    window.endE18 = e18(STRIKE + 1);
    settle(trial, window);
    expect(trial.least(always)).toBe(0);
  });

  test("for its slot: of those still asked, the one with fewest is what counts", () => {
    const trial = new Trial([SLOT, ETH]);
    settle(trial, hear(trial, aWindow(), { candidate: hold, running: hold }));
    expect(trial.least(always)).toBe(0);
    expect(trial.least((slot) => slot === SLOT)).toBe(1);
    expect(trial.least(() => false)).toBe(0);
  });
});

describe("a comparison", () => {
  test("differs by what was traded: side or result", () => {
    const trial = new Trial([SLOT]);
    const pairs: readonly [Signal, Signal][] = [
      [hold, hold],
      [up(), up()],
      [up(), hold],
      [up(), down()],
    ];
    for (const [n, [candidate, running]] of pairs.entries())
      settle(trial, hear(trial, aWindow(n), { candidate, running }));
    expect(trial.state).toMatchObject({ compared: 4, differing: 2 });
    expect(trial.state.candidateMicros).toBeGreaterThan(0);
    expect(trial.state.runningMicros).toBeLessThan(trial.state.candidateMicros);
  });

  test("weighs windows that closed together once, when all of them have settled", () => {
    const together = new Trial([SLOT, ETH]);
    const alone = new Trial([SLOT]);
    const worse = { candidate: down(), running: up() };
    settle(alone, hear(alone, aWindow(), worse));
    const [btc, eth] = [hear(together, aWindow(), worse), hear(together, aWindow(0, "eth"), { ...worse, slot: ETH })];
    settle(together, btc);
    expect(together.harm).toBe(1);
    settle(together, eth);
    expect(together.harm).toBeGreaterThan(1);
    expect(together.harm).toBeCloseTo(alone.harm, 1);
  });

  test("gives each arm the position that it would hold", () => {
    const trial = new Trial([SLOT]);
    const window = hear(trial, aWindow(), { candidate: up(), running: down() }, null);
    expect(trial.position("candidate", SLOT, window)).toMatchObject({ side: "up" });
    expect(trial.position("running", SLOT, window)).toMatchObject({ side: "down" });
    expect(trial.position("candidate", ETH, window)).toBeNull();
  });
});

test("a restart finds what was counted, and begins with the next window that it sees from its start", () => {
  const before = new Trial([SLOT]);
  settle(before, hear(before, aWindow(0), { candidate: down(), running: up() }));
  const half = hear(before, aWindow(1), { candidate: hold, running: hold }, null);
  const trial = new Trial([SLOT], JSON.parse(JSON.stringify(before.state)));
  expect([trial.state, trial.harm]).toEqual([before.state, before.harm]);
  settle(trial, hear(trial, half, { candidate: hold, running: hold, from: 7 }));
  expect(trial.least(always)).toBe(1);
  settle(trial, hear(trial, aWindow(2), { candidate: hold, running: hold }));
  expect(trial.least(always)).toBe(2);
});
