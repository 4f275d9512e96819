import { describe, expect, test } from "vitest";
import type { CodeVersion, ParamsHash, SlotId } from "../../../engine/base/ids.ts";
import type { DecisionResult } from "../../../engine/decide/decision.ts";
import { FUEL_MAX } from "../../../engine/sandbox/instance.ts";
import { Tally } from "../../../engine/sandbox/tally.ts";

interface Decision {
  readonly slot: string;
  readonly strategy?: string;
  readonly code?: string;
  readonly params?: string;
  readonly fuel?: number;
  readonly heap?: number;
  /** Its message. */
  readonly fault?: string;
}

function resultOf({
  slot,
  strategy = "momentum",
  code = "a",
  params = "0",
  fuel = 100,
  fault,
}: Decision): DecisionResult {
  const version = {
    strategy,
    code: code.repeat(64) as CodeVersion,
    params: params.repeat(64) as ParamsHash,
    ordinal: code.charCodeAt(0) - 96,
  };
  const common = { slot: slot as SlotId, version, fuel };
  return fault === undefined
    ? { type: "Decided", ...common, signal: { kind: "hold", reason: "" }, memory: "null" }
    : {
        type: "Faulted",
        ...common,
        fault: { kind: "threw", message: fault, where: "strategies/m.ts:1:2", frame: "> 1" },
      };
}

class Counted {
  readonly tally = new Tally("bellard");
  #cycle = 0;

  /** So many cycles, each with these decisions. */
  cycle(decisions: readonly Decision[], times = 1): this {
    for (let n = 0; n < times; n++)
      this.tally.add(
        ++this.#cycle,
        decisions.map(resultOf),
        decisions.map(({ heap = 0 }) => heap),
      );
    return this;
  }

  get counters() {
    return this.tally.counters("ready", 0);
  }

  strategy(name = "momentum") {
    return this.counters.strategies.find((strategy) => strategy.name === name);
  }

  slot(slot: string) {
    return this.counters.slots.get(slot);
  }
}

const MANY = 2_000;

test("nothing decided is nothing counted", () => {
  expect(new Counted().counters).toEqual({
    engine: "bellard",
    worker: "ready",
    fuelMax: FUEL_MAX,
    decisions: 0,
    faults: 0,
    fuelP50: 0,
    fuelP99: 0,
    heapBytes: 0,
    replaced: 0,
    lastFault: null,
    strategies: [],
    slots: new Map(),
  });
});

test("slots are counted apart, and together for their strategy and over all", () => {
  const counted = new Counted().cycle([
    { slot: "A", fuel: 10, heap: 500 },
    { slot: "B", fuel: 30, heap: 400, fault: "b" },
    { slot: "C", fuel: 50, heap: 900, strategy: "regime" },
  ]);
  const a = { decisions: 1, faults: 0, fuelP50: 10, fuelP99: 10, heapBytes: 500, lastFault: null };
  expect(counted.slot("A")).toEqual(a);
  expect(counted.slot("B")).toMatchObject({ decisions: 1, faults: 1, fuelP50: 30, heapBytes: 400 });
  expect(counted.strategy()).toMatchObject({ decisions: 2, faults: 1, fuelP50: 10, fuelP99: 30, heapBytes: 500 });
  expect(counted.strategy("regime")).toMatchObject({ decisions: 1, faults: 0, fuelP50: 50, heapBytes: 900 });
  expect(counted.counters).toMatchObject({ decisions: 3, faults: 1, fuelP50: 30, fuelP99: 50, heapBytes: 900 });
});

test("a fault says what, where and by which code, until the next one", () => {
  const counted = new Counted().cycle([{ slot: "A", fault: "first" }], 3).cycle([{ slot: "B", fault: "second" }]);
  const last = {
    kind: "threw",
    message: "second",
    where: "strategies/m.ts:1:2",
    slot: "B",
    version: "momentum@aaaaaaaa",
    ordinal: 1,
    cycle: 4,
  };
  expect(counted.strategy()!.lastFault).toEqual(last);
  expect(counted.counters.lastFault).toEqual(last);
  expect(counted.slot("A")!.lastFault).toEqual({ ...last, message: "first", slot: "A", cycle: 3 });
});

test("of a huge message the beginning is kept", () => {
  const message = "x".repeat(4_000);
  expect(new Counted().cycle([{ slot: "A", fault: message }]).slot("A")!.lastFault!.message).toBe(
    `${"x".repeat(199)}…`,
  );
});

test("what was not measured weighs nothing", () => {
  const counted = new Counted()
    .cycle([{ slot: "A", fuel: 0, heap: 0, fault: "hung" }], 50)
    .cycle([{ slot: "A", heap: 7 }]);
  expect(counted.slot("A")).toMatchObject({ decisions: 51, faults: 50, fuelP50: 100, heapBytes: 7 });
});

test("fuel and heap are those of the latest decisions, counts those of all", () => {
  const counted = new Counted()
    .cycle([{ slot: "A", fuel: 900, heap: 900 }], 10)
    .cycle([{ slot: "A", fuel: 5, heap: 5 }], MANY);
  for (const figures of [counted.counters, counted.strategy(), counted.slot("A")])
    expect(figures).toMatchObject({ decisions: MANY + 10, fuelP99: 5, heapBytes: 5 });
});

describe("another version", () => {
  test("begins its slot's figures anew, also when only its params are others", () => {
    const counted = new Counted().cycle([{ slot: "A", fault: "old", heap: 9 }], 5);
    counted.cycle([{ slot: "A", params: "1" }]);
    expect(counted.slot("A")).toMatchObject({ decisions: 1, faults: 0, heapBytes: 0, lastFault: null });
    counted.cycle([{ slot: "A", code: "b", fuel: 7 }], 2);
    expect(counted.slot("A")).toMatchObject({ decisions: 2, fuelP50: 7 });
    expect(counted.counters).toMatchObject({ decisions: 8, faults: 5, lastFault: { message: "old" } });
  });

  test("soon has its strategy's figures for itself, while what it replaced decides no more", () => {
    const counted = new Counted().cycle([{ slot: "A", fault: "old" }], 5).cycle([{ slot: "A", code: "b" }], 59);
    expect(counted.strategy()).toMatchObject({ decisions: 64, faults: 5, lastFault: { version: "momentum@aaaaaaaa" } });
    counted.cycle([{ slot: "A", code: "b" }]);
    expect(counted.strategy()).toMatchObject({ decisions: 60, faults: 0, lastFault: null });
  });

  test("shares them with one that a position is pinned to", () => {
    const both = [
      { slot: "A", fault: "old", fuel: 10 },
      { slot: "B", code: "b", fuel: 20 },
    ];
    const counted = new Counted().cycle(both, MANY);
    expect(counted.strategy()).toMatchObject({ decisions: 2 * MANY, faults: MANY, fuelP50: 10, fuelP99: 20 });
  });
});

describe("a strategy that decides nothing any more", () => {
  const gone = (cycles: number) =>
    new Counted().cycle([{ slot: "A", fault: "last" }], 3).cycle([{ slot: "B", strategy: "regime" }], cycles);

  test("keeps its figures for a while", () => {
    expect(gone(800).strategy()).toMatchObject({ faults: 3, lastFault: { message: "last" } });
    expect(gone(800).slot("A")).toMatchObject({ faults: 3 });
  });

  test("is forgotten then, with its slots, but not what it adds to the totals", () => {
    const { counters } = gone(MANY);
    expect(counters.strategies.map(({ name }) => name)).toEqual(["regime"]);
    expect([...counters.slots.keys()]).toEqual(["B"]);
    expect(counters).toMatchObject({ decisions: MANY + 3, faults: 3 });
  });
});

test("slots and versions that come and go for ever leave nothing behind", () => {
  const counted = new Counted();
  for (let n = 0; n < MANY * 5; n++)
    counted.cycle([{ slot: `S${n}`, code: String.fromCharCode(97 + (n % 400)), strategy: `s${n % 900}` }]);
  // Forgotten after 900 cycles, looked for once in as many.
  expect(counted.counters.slots.size).toBeLessThanOrEqual(1_802);
});
