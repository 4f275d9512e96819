import { beforeAll, describe, expect, it } from "vitest";
import { type Answer, type Scene, shipped } from "./frame-by-hand.ts";

/** For each strategy, readings that lean up, and down, from a fair market. */
const LEANING: { readonly [name: string]: { readonly [side in "up" | "down"]: Scene } } = {
  momentum: {
    up: { readings: { fair: 0.5, "move.score": 0.6 } },
    down: { readings: { fair: 0.5, "move.score": -0.6 } },
  },
  overreaction: {
    up: { readings: { fair: 0.5, spike: -1.8, volume: 1 }, memory: '{"peak":-3}' },
    down: { readings: { fair: 0.5, spike: 1.8, volume: 1 }, memory: '{"peak":3}' },
  },
  trend: {
    up: { readings: { fair: 0.5, fast: 101, slow: 100, "strength.adx": 40 } },
    down: { readings: { fair: 0.5, fast: 99, slow: 100, "strength.adx": 40 } },
  },
  regime: {
    up: {
      readings: {
        fair: 0.5,
        "momentum.score": 0.6,
        "overreaction.score": 0.2,
        trend: 4,
        funding: -1,
        openInterest: -1,
      },
    },
    down: {
      readings: {
        fair: 0.5,
        "momentum.score": -0.6,
        "overreaction.score": -0.2,
        trend: -4,
        funding: 1,
        openInterest: 1,
      },
    },
  },
};

describe.each(Object.entries(LEANING))("%s", (name, leaning) => {
  let decide: (scene: Scene) => Answer;
  beforeAll(async () => {
    decide = await shipped(name);
  });
  const scene = (side: "up" | "down", window: Scene["window"] = {}): Scene => ({ ...leaning[side], window });
  const kindOf = (scene: Scene) => decide(scene).signal.kind;

  it("buys the side that is worth more than it costs, with a probability that leaves an edge after the fee", () => {
    for (const side of ["up", "down"] as const) {
      const { signal } = decide(scene(side));
      if (signal.kind !== side) throw new Error(`it answered ${JSON.stringify(signal)}`);
      expect(signal.probability - 0.5 - 0.07 * 0.25).toBeGreaterThan(0.012);
      expect(signal.probability).toBeLessThan(0.75);
    }
  });

  it("gives its reason short, in words and rounded numbers", () => {
    for (const side of ["up", "down"] as const) {
      const { reason } = decide(scene(side)).signal;
      expect(reason.length).toBeLessThan(80);
      expect(reason).toMatch(/[a-z]{4}/);
      expect(reason).not.toMatch(/\d\.\d{3}|NaN|undefined/);
    }
  });

  it("may enter with 12 seconds left, and never in the last few", () => {
    expect(kindOf(scene("up", { secondsLeft: 12 }))).toBe("up");
    for (const secondsLeft of [4.9, 1, 0]) expect(kindOf(scene("up", { secondsLeft }))).toBe("hold");
  });

  it("does not buy what is dear, what is not offered, or what only the fee makes dear", () => {
    expect(kindOf(scene("up", { upAsk: 0.75 }))).toBe("hold");
    expect(kindOf(scene("up", { upAsk: 1, upAskSize: 0 }))).toBe("hold");
    expect(kindOf(scene("up", { feeRate: 1 }))).toBe("hold");
  });

  it("does not enter twice, nor before it has a fair value", () => {
    const held = { positionSide: 1, positionShares: 10, positionAveragePrice: 0.5, positionSecondsHeld: 5 };
    expect(kindOf(scene("up", held))).toBe("hold");
    const { fair: _, ...others } = leaning.up.readings!;
    expect(decide({ ...leaning.up, readings: others }).signal).toEqual({ kind: "hold", reason: "warming up" });
    expect(kindOf({ ...leaning.up, readings: { fair: 0.5 } })).toBe("hold");
  });

  it("holds where nothing leans", () => {
    const flat = Object.fromEntries(Object.keys(leaning.up.readings!).map((path) => [path, path === "fair" ? 0.5 : 0]));
    expect(kindOf({ readings: flat })).toBe("hold");
  });
});

describe("overreaction", () => {
  it("waits for a spike to turn, then fades it, and forgets it once all is calm", async () => {
    const decide = await shipped("overreaction");
    let memory = '{"peak":0}';
    const seen = [0.4, 1.5, 3, 2.9, 2.5, 0.6].map((spike) => {
      const answer = decide({ readings: { fair: 0.5, spike, volume: 1 }, memory });
      memory = answer.memory;
      return [answer.signal.kind, (JSON.parse(memory) as { peak: number }).peak];
    });
    expect(seen).toEqual([
      ["hold", 0],
      ["hold", 1.5],
      ["hold", 3],
      ["hold", 3],
      ["down", 3],
      ["hold", 0],
    ]);
  });

  it("believes a spike that volume confirms", async () => {
    const decide = await shipped("overreaction");
    const { signal } = decide({ readings: { fair: 0.5, spike: 2, volume: 3 }, memory: '{"peak":3}' });
    expect(signal).toEqual({ kind: "hold", reason: "volume confirms the spike" });
  });
});

describe.each([
  ["overreaction", { spike: 0 }],
  ["trend", { fast: 1, slow: 1, "strength.adx": 10 }],
])("%s with a position", (name, readings) => {
  it("sells only when the bid, less the fee, is above what the position is worth", async () => {
    const decide = await shipped(name);
    const sell = (fair: number, upBid: number) =>
      decide({ readings: { ...readings, fair }, window: { upBid, positionSide: 1, positionShares: 10 } }).signal.kind;
    expect(sell(0.5, 0.49)).toBe("hold");
    expect(sell(0.5, 0.52)).toBe("hold");
    expect(sell(0.5, 0.54)).toBe("exit");
    expect(sell(0.8, 0.54)).toBe("hold");
  });
});

describe("regime", () => {
  it("renormalises over the factors that are ready, and says how many spoke", async () => {
    const decide = await shipped("regime");
    const momentum = { fair: 0.5, "momentum.score": 0.5 };
    const one = decide({ readings: momentum }).signal;
    expect(one.kind === "up" && one.reason).toMatch(/^1\/5 factors, score 0\.50, up 0\.60 at 0\.50$/);
    const three = decide({ readings: { ...momentum, "overreaction.score": 0.5, trend: 5 * Math.atanh(0.5) } }).signal;
    expect(three.reason).toMatch(/^3\/5 factors, score 0\.50, /);
    const five = decide({
      readings: { ...momentum, "overreaction.score": 0.5, trend: 0, funding: 4, openInterest: 4 },
    }).signal;
    expect(five.reason).toMatch(/^no edge: 5\/5 factors, score -?0\.0/);
  });

  it("has no say where no factor with a weight is ready", async () => {
    const decide = await shipped("regime", { momentum: 0 });
    expect(decide({ readings: { fair: 0.5, "momentum.score": 0.9 } }).signal).toEqual({
      kind: "hold",
      reason: "warming up",
    });
  });
});
