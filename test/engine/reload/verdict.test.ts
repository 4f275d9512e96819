// What a trial has shown: windows first, then evidence; what cannot be weighed counts at once.
import { describe, expect, test } from "vitest";
import { Candidacy } from "../../../engine/reload/candidacy.ts";
import { HARM_DOUBTS, HARM_REFUSES } from "../../../engine/reload/paired-test.ts";
import type { Trial } from "../../../engine/reload/trial.ts";
import { judge, TRIAL_FAULTS_MAX, trouble } from "../../../engine/reload/verdict.ts";
import { aReceipt } from "../../support/a-receipt.ts";
import { versionFacts } from "../../support/version-facts.ts";

const state = { compared: 20, candidateMicros: -3_000_000, runningMicros: 1_500_000 };
const seen = (done: number, harm: number) => ({ least: () => done, harm, state }) as unknown as Trial;

describe("a trial", () => {
  test.each([
    ["waits for its windows, whatever the evidence", 9, 1e6, "Wait"],
    ["without evidence of harm passes at its windows", 10, HARM_DOUBTS - 0.01, "Pass"],
    ["in doubt goes on", 10, HARM_DOUBTS, "Wait"],
    ["in doubt goes on up to four times its windows", 39, HARM_REFUSES - 0.01, "Wait"],
    ["in doubt to the end fails", 40, HARM_DOUBTS, "Fail"],
    ["whose doubt has ended passes", 25, 1, "Pass"],
    ["with evidence of harm fails", 10, HARM_REFUSES, "Fail"],
  ] as const)("%s", (_, done, harm, verdict) => {
    expect(judge(seen(done, harm), 10, () => true).type).toBe(verdict);
  });

  test("says what the difference was, and how sure that is", () => {
    expect(judge(seen(10, 150.4), 10, () => true)).toMatchObject({
      reason: "it earned -4.50 USDC against what runs in 20 windows (evidence 150 to 1)",
    });
    expect(judge(seen(40, 20), 10, () => true)).toMatchObject({
      reason: "it earned -4.50 USDC against what runs in 20 windows (still in doubt)",
    });
  });
});

describe("trouble", () => {
  const candidacy = () => new Candidacy(aReceipt("momentum-1", [versionFacts()]), { type: "auto" }, new Map());

  test("is not a fault or two", () => {
    const each = candidacy();
    expect(trouble(each)).toBeNull();
    for (let n = 1; n < TRIAL_FAULTS_MAX; n++) each.faulted(`fault ${n}`);
    expect(trouble(each)).toBeNull();
    each.faulted("fault 3");
    expect(trouble(each)).toBe("3 faulted decisions, last fault 3");
  });

  test("is what its real trades lost", () => {
    const each = candidacy();
    each.losses = "btc: lost 6 trades in a row";
    expect(trouble(each)).toBe("btc: lost 6 trades in a row");
  });

  test("is over with the trial", () => {
    const each = candidacy();
    for (let n = 0; n < TRIAL_FAULTS_MAX; n++) each.faulted("fault");
    each.losses = "btc";
    each.beginTrial([]);
    expect(trouble(each)).toBeNull();
  });
});
