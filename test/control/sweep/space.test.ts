import { describe, expect, test } from "vitest";
import { drawTrials } from "../../../control/sweep/draw-trials.ts";
import { type Declared, searchSpace } from "../../../control/sweep/space.ts";

const DECLARED: Declared = {
  trigger: { type: "number", default: 1.5, min: 0, max: 6 },
  window: { type: "integer", default: 120, min: 60, max: 240 },
  short: { type: "boolean", default: true },
  mode: { type: "choice", default: "a:b", of: ["a:b", "c"] },
  scale: { type: "number", default: 1, min: 0 },
};

const valuesOf = (text: string) => searchSpace(DECLARED, [text]).axes[0]!.values;

describe("params as typed", () => {
  test.each([
    ["trigger=1:3:0.5", [1, 1.5, 2, 2.5, 3]],
    ["trigger=0:0.4:0.1", [0, 0.1, 0.2, 0.3, 0.4]],
    ["trigger=0:1:0.4", [0, 0.4, 0.8]],
    ["trigger=2:2:1", [2]],
    ["trigger=3,1,3", [3, 1]],
    ["window=60,120", [60, 120]],
    ["window=60:240:90", [60, 150, 240]],
    ["short=false,true", [false, true]],
    ["mode=a:b", ["a:b"]],
    ["scale=1e3", [1000]],
  ])("%s is %j", (text, values) => {
    expect(valuesOf(text)).toEqual(values);
  });

  test.each([
    ["triger=1", /no param "triger" \(did you mean "trigger"\?\)/],
    ["constructor=1", /no param "constructor"/],
    ["trigger", /expected name=from:to:step or name=value/],
    ["=1", /expected name=/],
    ["trigger=", /trigger would be "", expected a finite number from 0 to 6/],
    ["trigger=1:2", /expected name=from:to:step/],
    ["trigger=1:2:3:4", /expected name=from:to:step/],
    ["trigger=1::2", /expected name=from:to:step/],
    ["trigger=1:2:0", /the step is 0, expected more than 0/],
    ["trigger=1:2:-1", /the step is -1/],
    ["trigger=2:1:1", /ends at 1, below its start 2/],
    ["trigger=0:6:0.0001", /60001 values, at most 10000/],
    ["trigger=1,7", /trigger would be 7, expected a finite number from 0 to 6/],
    ["trigger=0:8:2", /trigger would be 8/],
    ["trigger=x", /trigger would be "x"/],
    ["window=60:70:2.5", /window would be 62.5, expected an integer from 60 to 240/],
    ["short=0,1", /short would be "0", expected true or false/],
    ["short=0:1:1", /no range of true or false/],
    ["mode=d", /mode would be "d", expected one of a:b, c/],
  ])("%s is refused", (text, message) => {
    expect(() => searchSpace(DECLARED, [text])).toThrow(message);
  });

  test("name a param once", () => {
    expect(() => searchSpace(DECLARED, ["trigger=1", "trigger=2"])).toThrow(/was given before/);
  });

  test("leave the others at their default", () => {
    const space = searchSpace(DECLARED, ["window=60,240", "trigger=1"]);
    expect(space.axes.map(({ name }) => name)).toEqual(["trigger", "window"]);
    expect(drawTrials(DECLARED, space, 10, 1).trials[1]).toEqual({
      trigger: 1,
      window: 60,
      short: true,
      mode: "a:b",
      scale: 1,
    });
  });
});

test("without any, every param goes over its declared range, and what has none is named", () => {
  expect(searchSpace(DECLARED, [])).toEqual({
    axes: [
      { name: "trigger", values: [0, 1.5, 3, 4.5, 6] },
      { name: "window", values: [60, 105, 150, 195, 240] },
      { name: "short", values: [false, true] },
      { name: "mode", values: ["a:b", "c"] },
    ],
    unbounded: ["scale"],
  });
});

describe("trials", () => {
  const draw = (trialsMax: number, seed = 1, texts: string[] = []) =>
    drawTrials(DECLARED, searchSpace(DECLARED, texts), trialsMax, seed);

  test("begin with the defaults, and go over a small grid in its order, each point once", () => {
    const { trials, points, isSample } = draw(10, 1, ["trigger=1,1.5,2", "short=true,false"]);
    expect({ points, isSample }).toEqual({ points: 6, isSample: false });
    expect(trials.map(({ trigger, short }) => [trigger, short])).toEqual([
      [1.5, true],
      [1, true],
      [1, false],
      [1.5, false],
      [2, true],
      [2, false],
    ]);
  });

  test("begin with the defaults that are not on the grid", () => {
    expect(draw(3, 1, ["trigger=1,2"]).trials.map(({ trigger }) => trigger)).toEqual([1.5, 1, 2]);
    expect(draw(2, 1, ["trigger=1,2"])).toMatchObject({ isSample: true, trials: [{ trigger: 1.5 }, {}] });
  });

  test.each([1, 2, 50, 99])("of a larger grid are %i distinct ones, in the order of the grid", (trialsMax) => {
    const { trials, points, isSample } = draw(trialsMax);
    const all = draw(1000).trials.map((params) => JSON.stringify(params));
    const drawn = trials.map((params) => all.indexOf(JSON.stringify(params)));
    expect({ points, isSample, length: drawn.length }).toEqual({ points: 100, isSample: true, length: trialsMax });
    expect(drawn[0]).toBe(0);
    expect(drawn).toEqual([...new Set(drawn)].sort((a, b) => a - b));
  });

  test("are the same for the same seed, and others for another", () => {
    expect(draw(20, 7)).toEqual(draw(20, 7));
    expect(draw(20, 7)).not.toEqual(draw(20, 8));
  });

  test("of a grid beyond counting are drawn all the same", () => {
    const wide: Declared = Object.fromEntries(
      Array.from({ length: 60 }, (_, i) => [`p${i}`, { type: "number", default: 0, min: 0, max: 1 }]),
    );
    const { trials, points } = drawTrials(wide, searchSpace(wide, []), 5, 1);
    expect(points).toBeGreaterThan(1e40);
    expect(new Set(trials.map((params) => JSON.stringify(params))).size).toBe(5);
  });
});
