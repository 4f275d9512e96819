import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { equityChart } from "../../../control/report/html-equity.ts";
import { evenTiers, type Label, placeLabels } from "../../../control/report/html-labels.ts";
import { runsOf } from "../../../control/report/html-runs.ts";
import { moneyScale, timeTicks } from "../../../control/report/html-scale.ts";
import type { Report, Seam } from "../../../control/report/report.ts";
import { exampleReport, firstHour, manyEdits } from "./html-examples.ts";

const PLOT_PX = { 1: 280, 2: 560, 3: 1_080 };
const ends = ({ at, leftPx, rightPx }: Label, plotPx: number) => [at * plotPx - leftPx, at * plotPx + rightPx] as const;

test("labels of one row that a page of some width shows never overlap, and none leaves the plot", () => {
  const label = fc.record({ at: fc.float({ min: 0, max: 1, noNaN: true }), leftPx: fc.nat(60), rightPx: fc.nat(60) });
  fc.assert(
    fc.property(
      fc.array(label, { maxLength: 60 }),
      fc.integer({ min: 1, max: 4 }),
      fc.nat(800),
      (labels, lanes, extra) => {
        const places = placeLabels(labels, lanes);
        for (const tier of [1, 2, 3] as const) {
          const plotPx = PLOT_PX[tier] + (tier === 3 ? extra : extra % 280); // As wide as a page of the tier gets.
          const shown = labels.flatMap((label, index) => {
            const place = places[index]!;
            return place === null || place.tier > tier ? [] : [{ label, lane: place.lane }];
          });
          shown.forEach(({ label, lane }, index) => {
            const [left, right] = ends(label, plotPx);
            expect(left).toBeGreaterThanOrEqual(-8);
            expect(right).toBeLessThanOrEqual(plotPx + 8);
            for (const other of shown.slice(0, index)) {
              if (other.lane !== lane) continue;
              const [from, to] = ends(other.label, plotPx);
              expect(right <= from || to <= left).toBe(true);
            }
          });
        }
      },
    ),
    { numRuns: 60 },
  );
});

test("a single label is always shown, and on the narrowest page if it fits there", () => {
  expect(placeLabels([{ at: 0.5, leftPx: 0, rightPx: 40 }], 1)).toEqual([{ tier: 1, lane: 0 }]);
  expect(placeLabels([{ at: 0.9, leftPx: 0, rightPx: 40 }], 1)).toEqual([{ tier: 2, lane: 0 }]);
});

test("labels of an axis are thinned evenly, and the one that names the day stays", () => {
  const at = Array.from({ length: 13 }, (_, index) => (index + 0.5) / 13);
  const tiers = evenTiers(at, 30, 3);
  const shown = (tier: number) => tiers.flatMap((own, index) => (own !== null && own <= tier ? [index] : []));
  expect(shown(1)).toEqual([1, 3, 5, 7, 9, 11]);
  expect(shown(2)).toEqual(at.map((_, index) => index));
});

test("money is marked at round numbers, zero among them", () => {
  expect(moneyScale(-12_300_000, 41_270_000)).toMatchObject({
    ticksMicros: [-10, 0, 10, 20, 30, 40].map((usdc) => usdc * 1_000_000),
    decimals: 0,
  });
  expect(moneyScale(-45_000, 0)).toMatchObject({ ticksMicros: [-40_000, -30_000, -20_000, -10_000, 0], decimals: 2 });
  fc.assert(
    fc.property(fc.integer({ min: -1e15, max: 0 }), fc.integer({ min: 0, max: 1e15 }), (low, high) => {
      const { ticksMicros, lowMicros, highMicros } = moneyScale(low, high);
      expect(ticksMicros.some((micros) => micros === 0)).toBe(true);
      expect(ticksMicros.length).toBeLessThanOrEqual(7);
      for (const micros of ticksMicros)
        expect(Number.isSafeInteger(micros) && micros >= low && micros <= high).toBe(true);
      expect(lowMicros <= low && highMicros >= high && highMicros > lowMicros).toBe(true);
    }),
  );
});

describe("time is marked in UTC", () => {
  const from = Date.UTC(2026, 5, 8, 21, 50);
  const labels = (hours: number) => timeTicks(from, from + hours * 3_600_000).map(({ label }) => label);
  test.each([
    [0.01, ["21:50:05", "21:50:10", "21:50:15"]],
    [1, ["21:55", "22:00", "22:05"]],
    [6, ["22:00", "22:30", "23:00"]],
    [24, ["22:00", "9 Jun", "02:00"]],
    [24 * 9, ["9 Jun", "10 Jun", "11 Jun"]],
    [24 * 90, ["15 Jun", "22 Jun", "29 Jun"]],
    [24 * 400, ["Jul", "Aug", "Sep"]],
    [24 * 365 * 12, ["2027", "2028", "2029"]],
  ])("over %s hours", (hours, first) => {
    expect(labels(hours).slice(0, 3)).toEqual(first);
  });

  test("at most 17 times, inside what is covered, whatever that is", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2e12 }), fc.integer({ min: 0, max: 4e12 }), (fromMs, spanMs) => {
        const ticks = timeTicks(fromMs, fromMs + spanMs);
        expect(ticks.length).toBeLessThanOrEqual(17);
        for (const { atMs } of ticks) expect(atMs > fromMs && atMs < fromMs + spanMs).toBe(true);
      }),
    );
  });
});

describe("the curve", () => {
  const chart = (report: Report): string => equityChart(report).cells.markup;

  test("is drawn in the hues of the versions whose trades moved it, a step for each", () => {
    const lines = [...chart(manyEdits()).matchAll(/<path class="line (v\d)" d="([^"]+)"/g)];
    const hues = new Set(manyEdits().equity.map(({ ordinal }) => `v${((ordinal - 1) % 6) + 1}`));
    expect(new Set(lines.map(([, hue]) => hue))).toEqual(hues);
    expect(lines.flatMap(([, , path]) => path!.match(/V/g)).length).toBe(1_500);
  });

  test("goes from the start to the end, up for profit and down for loss", () => {
    const { equity, ...rest } = firstHour();
    const [first] = equity;
    const at = (micros: number): string =>
      /<path[^>]* d="([^"]+)"/.exec(
        chart({ ...rest, equity: [{ ...first!, equityMicros: rest.startCashMicros + micros }] }),
      )![1]!;
    const [, startY, x, endY, endX] = /^M0 ([\d.]+)H(\d+)V([\d.]+)H(\d+)$/.exec(at(5_000_000))!.map(Number);
    expect([x! > 0 && x! < 10_000, endX, endY! < startY!]).toEqual([true, 10_000, true]);
    const [, loss] = /V([\d.]+)/.exec(at(-5_000_000))!;
    expect(Number(loss)).toBeGreaterThan(startY! - 220);
  });

  test("has a dotted line at every seam, and says when not all of them are labelled", () => {
    const few = manyEdits();
    const lines = (report: Report) => chart(report).match(/<line class="seam"/g)?.length;
    expect(lines(few)).toBe(few.seams.length);
    expect(equityChart(few).hasUnlabelledSeams).toBe(false);
    const many = exampleReport({ versions: 120, trades: 10, hours: 24 });
    expect(lines(many)).toBe(many.seams.length);
    expect(equityChart(many).hasUnlabelledSeams).toBe(true);
  });

  test("carries four thousand points of alternating versions", () => {
    const report = exampleReport({ versions: 25, strategies: ["momentum", "regime"], trades: 4_000, hours: 720 });
    expect(chart(report).length).toBeLessThan(200_000);
  });
});

describe("when a version ran", () => {
  const report = exampleReport({ versions: 2, trades: 0, hours: 10 });
  const [first, second] = report.seams as [Seam, Seam];
  const hour = (n: number): number => report.fromMs + n * 3_600_000;
  const seam = (of: Seam, atHour: number, slots: string[]): Seam => ({ ...of, atMs: hour(atHour), slots });
  const runs = (seams: Seam[], more: Partial<Report> = {}) =>
    runsOf({ ...report, ...more, seams })[0]!.runs.map(({ ordinal, fromMs, toMs }) => [
      ordinal,
      (fromMs - report.fromMs) / 3_600_000,
      (toMs - report.fromMs) / 3_600_000,
    ]);

  test("is from its seam to the next one of the slot, and to the end", () => {
    expect(runs([seam(first, 0, ["a", "b"]), seam(second, 4, ["a", "b"])])).toEqual([
      [1, 0, 4],
      [2, 4, 10],
    ]);
  });

  test("overlaps where slots change hands one by one", () => {
    expect(runs([seam(first, 0, ["a", "b"]), seam(second, 4, ["a"]), seam(second, 6, ["b"])])).toEqual([
      [1, 0, 6],
      [2, 4, 10],
    ]);
  });

  test("comes again with a rollback", () => {
    expect(runs([seam(first, 0, ["a"]), seam(second, 4, ["a"]), seam(first, 5, ["a"])])).toEqual([
      [1, 0, 4],
      [2, 4, 5],
      [1, 5, 10],
    ]);
  });

  test("began before the report for a slot that traded before its first seam", () => {
    const [trade] = firstHour().trades;
    const before = { ...trade!, slot: "a", openedAtMs: hour(1) };
    expect(runs([seam(second, 4, ["a"])], { trades: [before] })).toEqual([
      [1, 0, 4],
      [2, 4, 10],
    ]);
    expect(runs([], { trades: [before] })).toEqual([[1, 0, 10]]);
  });
});
