// The steps of a policy: taken one by one, skipped by an operator, and held back by a pin.
import { describe, expect, test } from "vitest";
import { type Core, down, up } from "../../support/core.ts";
import { reloadWith } from "../../support/settings.ts";
import { B, playWindow, playWindows, reloadCore } from "../../support/windows.ts";

const NAMED_B = { strategy: "momentum", code: B.ref.code, params: B.ref.params } as const;
const waitsFor = (core: Core) => core.engine.candidates.waiting("momentum")?.receipt.gate?.waitsFor;

describe("promote", () => {
  const promote = (core: Core) => core.command({ kind: "promote", strategy: "momentum" });

  test("goes past the shadow and canary steps that are left", async () => {
    const core = await reloadCore("shadow:5 -> canary:1/5");
    core.offer(B);
    const effect = promote(core);
    core.cycle(1);
    expect(effect()).toBe("momentum@bbbbbbbb (v2) goes past shadow:5 and canary:1/5");
    expect(core.asked).toBe("BTC b, ETH b");
  });

  test("does not go past an approval", async () => {
    const core = await reloadCore("shadow:5 -> approve -> canary:1/5");
    core.offer(B);
    const [first, second] = [promote(core), promote(core)];
    core.cycle(1);
    expect(first()).toBe("momentum@bbbbbbbb (v2) goes past shadow:5");
    expect(second()).toBe("refused: momentum@bbbbbbbb (v2) waits for an approval, which is given by approve");
    expect([core.asked, waitsFor(core)]).toEqual(["BTC a, ETH a", "approve"]);
  });

  test("of a canary lets it trade everywhere", async () => {
    const core = await reloadCore("canary:1/5");
    core.offer(B);
    core.cycle(1);
    expect(core.asked).toBe("BTC b, ETH a");
    promote(core);
    core.cycle(2);
    expect(core.asked).toBe("BTC b, ETH b");
  });

  test("is refused where nothing waits", async () => {
    const core = await reloadCore("auto");
    const effect = promote(core);
    core.cycle(1);
    expect(effect()).toBe("refused: nothing of momentum waits at the gate");
  });
});

describe("a strategy that is pinned", () => {
  const PINS = new Map([["momentum", "momentum@aaaaaaaa"]]);

  test("lets its candidates wait until it is unpinned", async () => {
    const core = await reloadCore("auto", { pins: PINS });
    const id = core.offer(B);
    core.cycle(1);
    expect([core.asked, waitsFor(core), core.receipt(id).state]).toEqual(["BTC a, ETH a", "unpin", "gated"]);
    const promoted = core.command({ kind: "promote", strategy: "momentum" });
    core.cycle(2);
    expect(promoted()).toBe("refused: momentum@bbbbbbbb (v2) waits for its strategy to be unpinned");
    core.configure({ reload: reloadWith("auto") });
    core.cycle(3);
    expect(core.asked).toBe("BTC b, ETH b");
  });

  test("has no canary of another version", async () => {
    const core = await reloadCore("canary:1/1", { pins: PINS });
    core.offer(B);
    core.cycle(1);
    expect([core.asked, waitsFor(core)]).toEqual(["BTC a, ETH a", "unpin"]);
    core.configure({ reload: reloadWith("canary:1/1") });
    core.cycle(2);
    expect([core.asked, waitsFor(core)]).toEqual(["BTC b, ETH a", "canary"]);
  });

  test("lets the version that it is pinned to pass", async () => {
    const core = await reloadCore("auto", { pins: new Map([["momentum", "momentum@bbbbbbbb"]]) });
    core.offer(B);
    core.cycle(1);
    expect(core.asked).toBe("BTC b, ETH b");
  });
});

describe("a chain", () => {
  test("is passed step by step: shadow, canary, approval, all slots", async () => {
    const core = await reloadCore("shadow:1 -> canary:1/1 -> approve");
    const id = core.offer(B);
    const seen: unknown[] = [];
    const look = () => seen.push([core.asked, core.askedBeside, waitsFor(core)]);
    core.cycle(1);
    look();
    playWindows(core, 0, 2);
    core.cycle(606);
    look();
    playWindows(core, 2, 2);
    core.cycle(1206);
    look();
    core.command({ kind: "approve", ...NAMED_B });
    core.cycle(1207);
    look();
    expect(seen).toEqual([
      ["BTC a, ETH a", "BTC b, ETH b", "shadow"],
      ["BTC b, ETH a", "BTC a", "canary"],
      // It trades on while it waits, so it is watched on.
      ["BTC b, ETH a", "BTC a", "approve"],
      ["BTC b, ETH b", "BTC a, ETH a", undefined],
    ]);
    expect(core.receipt(id)).toMatchObject({ state: "active", approvedBy: "ops", gate: { passed: 3 } });
    expect(core.log.filter(({ event }) => event === "gate.passed").map(({ message }) => message)).toEqual([
      "momentum@bbbbbbbb (v2) has passed shadow:1",
      "momentum@bbbbbbbb (v2) has passed canary:1/1",
      "momentum@bbbbbbbb (v2) has passed approve",
    ]);
  });

  test("shows whoever is to approve what the shadow has found", async () => {
    const core = await reloadCore("shadow:1 -> approve");
    const id = core.offer(B);
    playWindow(core, 0);
    playWindow(core, 1, { live: { a: up() }, beside: { b: down() } });
    core.cycle(606);
    expect(core.receipt(id).gate).toMatchObject({ waitsFor: "approve", windows: null, compared: 2, differing: 2 });
    expect(core.receipt(id).gate!.runningMicros).toBeGreaterThan(0);
    expect(core.receipt(id).gate!.candidateMicros).toBeLessThan(0);
  });
});
