// An operator's way back, from wherever a version has got to: to what decided before, with its memory, and barred from returning.
import { describe, expect, test } from "vitest";
import { NOON } from "../../support/a-market.ts";
import { type Core, exit, hold, SLOT, up } from "../../support/core.ts";
import { aSlot } from "../../support/settings.ts";
import { versionFacts } from "../../support/version-facts.ts";
import { A, B, C, ETH, opensAt, playWindow, playWindows, reloadCore } from "../../support/windows.ts";

const BAR_B = "rolled-back:momentum@bbbbbbbb/00000000";
const standing = (core: Core) => core.engine.latches.standing.map(({ kind, scope }) => `${kind}:${scope}`);
const rollback = (core: Core) => core.command({ kind: "rollback", strategy: "momentum" });

/** B has replaced A at the first second of the noon window. */
async function edited(windows = 36): Promise<{ readonly core: Core; readonly id: string }> {
  const core = await reloadCore("auto", { probationWindows: windows });
  const id = core.offer(B);
  core.cycle(1);
  return { core, id };
}

describe("a rollback", () => {
  test("from probation ends the receipt and bars the version", async () => {
    const { core, id } = await edited();
    const effect = rollback(core);
    core.cycle(2);
    expect(effect()).toBe("momentum goes back to momentum@aaaaaaaa (v1)");
    expect([core.asked, core.askedBeside, standing(core)]).toEqual(["BTC a, ETH a", "", [BAR_B]]);
    expect(core.receipt(id)).toMatchObject({ state: "rolled-back", stage: "active", reasons: ["rolled back by ops"] });
  });

  test("of what is permanent has a receipt of its own, for the first one has ended", async () => {
    const { core, id } = await edited(1);
    playWindows(core, 0, 2);
    core.cycle(opensAt(2) + 6);
    rollback(core);
    core.cycle(opensAt(2) + 7);
    expect([core.asked, standing(core)]).toEqual(["BTC a, ETH a", [BAR_B]]);
    expect(core.receipt(id).state).toBe("permanent");
    expect(core.engine.receipts.of("momentum")).toMatchObject({
      id: "momentum-2",
      cause: "rollback",
      state: "rolled-back",
      from: "momentum@bbbbbbbb",
      to: "momentum@aaaaaaaa",
      code: B.ref.code,
      slots: [SLOT, ETH],
    });
  });

  test("goes one version back at a time", async () => {
    const { core } = await edited();
    core.offer(C);
    core.cycle(2);
    rollback(core);
    core.cycle(3);
    expect(core.asked).toBe("BTC b, ETH b");
    rollback(core);
    core.cycle(4);
    expect(core.asked).toBe("BTC a, ETH a");
  });

  test("with nothing to go back to is refused", async () => {
    const core = await reloadCore("auto");
    const effect = rollback(core);
    core.cycle(1);
    expect(effect()).toBe("refused: momentum has nothing to go back to");
    expect(core.asked).toBe("BTC a, ETH a");
  });

  test("goes not back to what is barred itself", async () => {
    const { core } = await edited();
    rollback(core);
    core.cycle(2);
    core.offer(C);
    core.cycle(3);
    rollback(core);
    core.cycle(4);
    expect(core.asked).toBe("BTC a, ETH a");
    const effect = rollback(core);
    core.cycle(5);
    expect(effect()).toBe("refused: momentum has nothing to go back to");
  });

  test("takes a slot that was added since along, and that one stands still", async () => {
    const { core, id } = await edited();
    core.configure({ slots: [aSlot("btc"), aSlot("eth"), aSlot("sol")] });
    core.cycle(2);
    core.listWindows(NOON);
    const added = core.offer(B);
    core.cycle(3);
    expect(core.asked).toBe("BTC b, ETH b, SOL b");
    expect(core.receipt(id).state).toBe("superseded");
    rollback(core);
    core.cycle(4);
    expect([core.asked, core.receipt(added).state]).toEqual(["BTC a, ETH a", "rolled-back"]);
  });

  test("also when the slot was added to what is permanent: no receipt stays open", async () => {
    const { core } = await edited(1);
    playWindows(core, 0, 2);
    core.cycle(opensAt(2) + 6);
    core.configure({ slots: [aSlot("btc"), aSlot("eth"), aSlot("sol")] });
    core.cycle(opensAt(2) + 7);
    const added = core.offer(B);
    core.cycle(opensAt(2) + 8);
    rollback(core);
    core.cycle(opensAt(2) + 9);
    expect([core.asked, core.receipt(added).state]).toEqual(["BTC a, ETH a", "rolled-back"]);
    expect(core.engine.candidates.onProbation("momentum")).toBeNull();
  });

  test("can be lifted: its latch is cleared and the version comes to the gate again", async () => {
    const { core } = await edited();
    rollback(core);
    core.cycle(2);
    core.command({ kind: "clear-latch", latch: BAR_B, reason: "looked at it" });
    core.cycle(3);
    const id = core.offer(B);
    core.cycle(4);
    expect([core.asked, core.receipt(id).state, core.openAlarms]).toEqual(["BTC b, ETH b", "active", []]);
  });

  test("leaves what was entered to the version that entered it, until its window ends", async () => {
    const { core } = await edited();
    playWindow(core, 0, {
      live: { [SLOT]: up() },
      meanwhile: () => {
        rollback(core);
        core.cycle(20);
        expect(core.asked).toBe("BTC b, ETH a");
        core.cycle(21, { [SLOT]: exit });
        expect(core.rows("orders").at(-1)).toMatchObject({ leg: "exit", code: B.ref.code });
      },
    });
    expect(core.asked).toBe("BTC a, ETH a");
  });
});

describe("the memory of what is gone back to", () => {
  const remembering = (code: string, migrates: boolean) => versionFacts({ code, memory: { initial: 0, migrates } });

  test("is what it was, byte for byte, whatever it did as a shadow meanwhile", async () => {
    const text = '{"seen":1,"text":"\\u00fc"}';
    const core = await reloadCore("auto", {}, remembering("a", false));
    core.cycle(1, { a: { signal: hold, memory: text } });
    core.offer(remembering("b", true));
    core.cycle(2, { b: { signal: hold, memory: "9" } }, { a: { signal: hold, memory: "shadow" } });
    core.cycle(3);
    expect(core.shadows.map(({ memory }) => memory)).toEqual(["shadow", "shadow"]);
    rollback(core);
    core.cycle(4);
    expect(core.requests.map(({ memory }) => memory)).toEqual([text, text]);
    const kept = core.rows("memories").filter(({ code }) => code === A.ref.code);
    expect(kept.slice(-2).map(({ memory }) => memory)).toEqual([text, text]);
  });
});
