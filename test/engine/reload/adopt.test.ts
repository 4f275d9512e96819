// What becomes of a position that older code opened: that code looks after it, or the new one adopts it.
import { describe, expect, test } from "vitest";
import { type Core, exit, hold, SLOT, up } from "../../support/core.ts";
import { versionFacts } from "../../support/version-facts.ts";
import { A, B, ETH, opensAt, playWindow, reloadCore } from "../../support/windows.ts";

const remembering = (code: string, migrates = false) => versionFacts({ code, memory: { initial: 0, migrates } });
const asIf = (memory: string) => ({ signal: hold, memory });

/** BTC holds a position that A opened, and B decides since. */
async function edited(onReload: "pin" | "adopt", a = A, b = B): Promise<Core> {
  const core = await reloadCore("auto", { onReload }, a);
  core.cycle(1, { [SLOT]: { signal: up(), memory: "1" }, [ETH]: asIf("1") });
  core.fill();
  core.offer(b);
  core.cycle(2);
  return core;
}

describe("pinned", () => {
  test("the exit is decided by the version that entered, and the next window by the new one", async () => {
    const core = await edited("pin");
    expect(core.asked).toBe("BTC a, ETH b");
    core.cycle(3, { [SLOT]: exit });
    expect(core.rows("orders").at(-1)).toMatchObject({ leg: "exit", code: A.ref.code });
    playWindow(core, 0);
    core.cycle(opensAt(1) + 6, { [SLOT]: up() });
    expect(core.asked).toBe("BTC b, ETH b");
    expect(core.rows("orders").at(-1)).toMatchObject({ leg: "entry", code: B.ref.code });
  });

  test("it goes on with its own copy of memory", async () => {
    const core = await edited("pin", remembering("a"), remembering("b"));
    core.cycle(3, { [SLOT]: asIf("2"), [ETH]: asIf("8") });
    core.cycle(4);
    expect(core.requests.map(({ memory }) => memory)).toEqual(["2", "8"]);
  });
});

describe("adopted", () => {
  test("the exit is decided by the new version, and its order says so; the position stays that of who opened it", async () => {
    const core = await edited("adopt");
    expect(core.asked).toBe("BTC b, ETH b");
    core.cycle(3, { [SLOT]: exit });
    expect(core.rows("orders").at(-1)).toMatchObject({ leg: "exit", code: B.ref.code });
    expect(core.engine.desk.openPositions[0]?.version.code).toBe(A.ref.code);
  });

  test("a position that is adopted is seen in the frame like any other", async () => {
    const core = await edited("adopt");
    core.cycle(3, { [SLOT]: exit });
    core.fill();
    core.cycle(4, { [SLOT]: up() });
    expect(core.submitted).toHaveLength(2);
  });
});

describe("a new version that can migrate", () => {
  test("is given the memory of the one before once, and has its own from then on", async () => {
    const core = await edited("adopt", remembering("a"), remembering("b", true));
    const given = () => core.requests.map(({ memory, migrateFrom }) => [memory, migrateFrom?.[0] ?? null]);
    const seen = [given()];
    core.cycle(3, { [SLOT]: "fault", [ETH]: asIf("7") });
    seen.push(given());
    core.cycle(4);
    seen.push(given());
    // Holding keeps what was given, here as B's own.
    expect(seen).toEqual([
      [
        ["1", "a"],
        ["1", "a"],
      ],
      [
        ["1", null],
        ["1", null],
      ],
      [
        ["1", null],
        ["7", null],
      ],
    ]);
  });

  test("is asked to again after a fault: nothing was remembered", async () => {
    const core = await reloadCore("auto", { onReload: "adopt" }, remembering("a"));
    core.cycle(1, { a: asIf("1") });
    core.offer(remembering("b", true));
    core.cycle(2, { b: "fault" });
    core.cycle(3);
    expect(core.requests.map(({ migrateFrom }) => migrateFrom?.[0])).toEqual(["a", "a"]);
  });

  test("does so beside as well, as a shadow", async () => {
    const core = await reloadCore("shadow:9", {}, remembering("a"));
    core.cycle(1, { a: asIf("1") });
    core.offer(remembering("b", true));
    core.cycle(2);
    expect(core.shadows.map(({ memory, migrateFrom }) => [memory, migrateFrom?.[0]])).toEqual([
      ["1", "a"],
      ["1", "a"],
    ]);
    core.cycle(3);
    expect(core.shadows.map(({ migrateFrom }) => migrateFrom)).toEqual([undefined, undefined]);
  });
});

describe("a candidate that cannot migrate", () => {
  test("is refused where it is to adopt what runs and remembers", async () => {
    const core = await reloadCore("auto", { onReload: "adopt" }, remembering("a"));
    const waiting = core.offer(remembering("c", true));
    const id = core.offer(remembering("b"));
    core.cycle(1);
    expect(core.receipt(id)).toMatchObject({
      state: "rejected",
      stage: "loaded",
      reasons: [
        'onReload is "adopt" and what runs remembers, expected memory with migrate(memory, from) in momentum.ts',
      ],
    });
    expect(core.receipt(waiting).state).toBe("superseded");
    expect(core.asked).toBe("BTC a, ETH a");
    expect(core.openAlarms).toEqual(["reload-rejected momentum"]);
    expect(core.engine.candidates.isRefused("momentum")).toBe(true);
  });

  test.each([
    ["what runs remembers nothing", "adopt", A],
    ["positions stay pinned", "pin", remembering("a")],
  ] as const)("is welcome where %s", async (_, onReload, a) => {
    const core = await reloadCore("auto", { onReload }, a);
    core.offer(remembering("b"));
    core.cycle(1);
    expect(core.asked).toBe("BTC b, ETH b");
  });
});
