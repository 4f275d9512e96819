import { describe, expect, test } from "vitest";
import { judgeCandidate, moveVersion } from "../../../control/commands/candidate.ts";
import type { Control } from "../../../control/control-schema.ts";
import { exampleCandidate, exampleStatus, exampleStrategy } from "../../support/status-example.ts";

const candidate = exampleCandidate();
const waiting = exampleStatus({ strategies: [exampleStrategy({ candidate }), exampleStrategy({ name: "regime" })] });
const given = (change: ReturnType<ReturnType<typeof moveVersion>>) =>
  change.apply({ version: 3 } as Control).commands?.[0];

describe("what is approved", () => {
  test.each([
    undefined,
    "momentum@8b41d07e",
    "8b41d07e",
    "momentum@v15",
    "v15",
    candidate.code,
  ])("is the whole of what waits, named as %s", (version) => {
    const { code, params } = candidate;
    const change = judgeCandidate("approve", "momentum", version)(waiting);
    expect(given(change)).toEqual({ id: change.commandId, kind: "approve", strategy: "momentum", code, params });
  });

  test.each(["momentum@3f9a2c1e", "regime@8b41d07e", "v14"])("is nothing when %s is not what waits", (version) => {
    expect(() => judgeCandidate("approve", "momentum", version)(waiting)).toThrow(
      expect.objectContaining({
        code: "rejected",
        message: `Cannot approve ${version}: the candidate of momentum is momentum@8b41d07e (v15) now`,
      }),
    );
  });

  test("is nothing when nothing waits", () => {
    expect(() => judgeCandidate("reject", "regime", undefined)(waiting)).toThrow(
      expect.objectContaining({
        code: "rejected",
        message: "Cannot reject: nothing of regime waits for approval",
      }),
    );
  });

  test("is not guessed from what is no version's name", () => {
    expect(() => judgeCandidate("approve", "momentum", "newest")(waiting)).toThrow(
      expect.objectContaining({ code: "usage", message: expect.stringContaining('Cannot read "newest" as a version') }),
    );
  });
});

test("promote and rollback name the strategy only", () => {
  const change = moveVersion("promote", "regime")(waiting);
  expect(given(change)).toEqual({ id: change.commandId, kind: "promote", strategy: "regime" });
});

test("a strategy that no slot has is a usage error", () => {
  const unknown = expect.objectContaining({
    code: "usage",
    message: expect.stringContaining('"momentun" is not a strategy (did you mean "momentum"?)'),
  });
  expect(() => moveVersion("rollback", "momentun")(waiting)).toThrow(unknown);
  expect(() => judgeCandidate("approve", "momentun", undefined)(waiting)).toThrow(unknown);
});
