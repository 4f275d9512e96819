import { expect, test } from "vitest";
import { AnswerWatch } from "../../../control/run/answer-watch.ts";
import type { Steering } from "../../../control/run/steering.ts";

type Answers = Pick<Steering, "observed" | "applied">;

const applied = (version: number): Answers["applied"] => ({ version, cycle: 1, control: { version } });
const inForce = (version: number, digest = `d${version}`): Answers => ({
  observed: { version, digest, result: "Ack", error: null },
  applied: applied(version),
});
const refused = (digest: string | null): Answers => ({
  observed: {
    version: 2,
    digest,
    result: "Nack",
    error: { code: "UnknownField", path: "$.mod", message: "is not a known field" },
  },
  applied: applied(1),
});

/** What is said at each of these seconds; null where the alarm is cleared. */
function said(looks: readonly (readonly [second: number, digest: string | null, answers: Answers])[]) {
  const watch = new AnswerWatch();
  return looks.map(([second, digest, answers]) => {
    const event = watch.look(digest, answers, second * 1_000, 7);
    expect(event).toMatchObject({ kind: "control-unanswered", scope: "control.json", atMs: 7 });
    return event.type === "AlarmRaised" ? event.message : null;
  });
}

test("a file that is in force is answered, and so is none at all", () => {
  const none: Answers = { observed: { version: null, digest: null, result: null, error: null }, applied: null };
  expect(
    said([
      [0, "d1", inForce(1)],
      [60, "d1", inForce(1)],
      [90, null, inForce(1)],
    ]),
  ).toEqual([null, null, null]);
  expect(
    said([
      [0, null, none],
      [60, null, none],
    ]),
  ).toEqual([null, null]);
});

test("a refused file is unanswered after ten seconds, and answered again once one is in force", () => {
  expect(
    said([
      [0, "d2", refused("d2")],
      [9, "d2", refused("d2")],
      [10, "d2", refused("d2")],
      [11, "d1", inForce(1)],
      [12, "d2", refused("d2")],
      [21, "d2", refused("d2")],
    ]),
  ).toEqual([null, null, "control.json is refused: $.mod is not a known field", null, null, null]);
});

test("a file that cannot be read is refused, whatever stands for its digest", () => {
  expect(
    said([
      [0, "unreadable", refused(null)],
      [10, "unreadable", refused(null)],
    ]),
  ).toEqual([null, "control.json is refused: $.mod is not a known field"]);
});

test("a file that nobody has looked at is unanswered", () => {
  const never: Answers = { observed: { version: null, digest: null, result: null, error: null }, applied: null };
  for (const answers of [never, inForce(1)]) {
    expect(
      said([
        [0, "d9", answers],
        [10, "d9", answers],
      ]),
    ).toEqual([null, "control.json is not looked at"]);
  }
});

test("a file that is accepted and has no effect is unanswered", () => {
  const waiting: Answers = { ...inForce(2), applied: applied(1) };
  expect(
    said([
      [0, "d2", waiting],
      [10, "d2", waiting],
    ]),
  ).toEqual([null, "control.json 2 is accepted and does not come into force"]);
});

test("files that come one after the other are answered while they come into force, and not while they are refused", () => {
  const waitingFor = (version: number): Answers => ({ ...inForce(version), applied: applied(version - 1) });
  const busy = Array.from({ length: 30 }, (_, second) => [second, `d${second}`, waitingFor(second)] as const);
  expect(said(busy).every((message) => message === null)).toBe(true);
  const wrong = Array.from({ length: 30 }, (_, second) => [second, `x${second}`, refused(`x${second}`)] as const);
  expect(said(wrong).at(-1)).toContain("is refused");
});
