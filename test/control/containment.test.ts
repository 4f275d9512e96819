// No strategy hurts the bot: a fair sample of the hostile ones, every way to hang among them, saved one after the other under a
// running bot. The whole corpus, and the other engine, take minutes: npm run -s containment.
import { expect, test } from "vitest";
import { DEFAULT_VARIANT } from "../../engine/sandbox/engine-module.ts";
import { BYSTANDERS } from "../hostile/bystanders.ts";
import { contain } from "../hostile/containment.ts";
import { CORPUS } from "../hostile/corpus.ts";

/** Of those that hang and of the others, every so manieth. */
const HANGING_STEP = 20;
const OTHERS_STEP = 160;
/** Slower than the program does it: this machine may be busy with other tests. */
const SPEED = 2;
const LATE_SHARE_MAX = 0.1;
const TIMEOUT_MS = 180_000;

const everyNth = <T>(all: readonly T[], step: number): readonly T[] => all.filter((_, index) => index % step === 0);

const SAMPLE = [
  ...everyNth(
    CORPUS.filter(({ hangs }) => hangs === "deciding"),
    HANGING_STEP,
  ),
  ...everyNth(
    CORPUS.filter(({ hangs }) => hangs === null),
    OTHERS_STEP,
  ),
];

test("a running bot trades on as if no hostile file had been saved", { timeout: TIMEOUT_MS }, async () => {
  const report = await contain({ engine: DEFAULT_VARIANT, speed: SPEED, entries: SAMPLE, say: () => {} });
  expect(report.wrong.join("\n")).toBe("");
  expect(report.entries).toHaveLength(SAMPLE.length);
  expect(report.workersReplaced).toBeGreaterThan(0);
  expect(report.bystanderDecisions).toBeGreaterThan(BYSTANDERS * SAMPLE.length);
  expect(report.late / report.bystanderDecisions).toBeLessThan(LATE_SHARE_MAX);
});
