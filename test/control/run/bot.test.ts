// A bot on a real ledger and the simulated exchange, with a sandbox that hangs when it is told to.
import { expect, onTestFinished, test, vi } from "vitest";
import { parseConfig } from "../../../control/config.ts";
import { versionKey } from "../../../engine/decide/version.ts";
import { SLOT } from "../../support/core.ts";
import { LetterWorld, type Life, startLetterBot } from "../../support/letter-bot.ts";
import { STRATEGY } from "../../support/letter-sources.ts";

const CONFIG = parseConfig({ slots: [{ asset: "btc", interval: "5m", strategy: STRATEGY }] }, "underway.config.ts");
const LATCH = "quarantine:momentum@bbbbbbbb/00000000";

/** A world in which these letters hang. */
function worldWhere(hanging: string): LetterWorld {
  const world = new LetterWorld(CONFIG);
  world.brain = (letter) => (hanging.includes(letter) ? "hung" : { kind: "hold", reason: "no edge" });
  return world;
}

/** One cycle; the code that decided, or null. */
function cycle(life: Life): string | null {
  life.cycle();
  return life.asked[0]?.version.code[0] ?? null;
}

const last = ({ bot }: Life) => bot.engine.receipts.last;

test("an edit that hangs is taken back, stays out across a restart, and is looked at again once it is cleared", async () => {
  const world = worldWhere("b");
  const first = await startLetterBot(world);
  expect([cycle(first), cycle(first)]).toEqual(["a", "a"]);
  world.disk[STRATEGY] = "b";
  await first.bot.reloads.request(STRATEGY, "file");
  expect([1, 2, 3, 4].map(() => cycle(first))).toEqual(["b", "b", "b", "a"]);
  expect(world.log).toContainEqual(
    expect.stringMatching(/^momentum@bbbbbbbb\/00000000 \(v2\) is quarantined: momentum@aaaaaaaa \(v1\) decides BTC/),
  );
  expect(world.log.at(-1)).toMatch(/^resumed momentum@aaaaaaaa \(v1\): decides 1 slots from cycle 6/);
  const refused = {
    state: "rejected",
    stage: "gated",
    reasons: [expect.stringContaining(`clear ${LATCH} --reason "…"`)],
  };
  await vi.waitFor(() => expect(last(first)).toMatchObject(refused));
  expect(first.images).toEqual(new Set([versionKey(first.bot.engine.slots.get(SLOT)!.running!.ref)]));
  await first.kill();

  const second = await startLetterBot(world);
  onTestFinished(() => second.kill());
  expect(last(second)).toMatchObject({ ...refused, cause: "start" });
  expect(cycle(second)).toBe("a");
  world.brain = () => ({ kind: "hold", reason: "no edge" });
  second.bot.loop.post({
    type: "SettingsAccepted",
    settings: CONFIG.settings,
    control: null,
    commands: [{ id: "c1", kind: "clear-latch", latch: LATCH, reason: "not its fault" }],
    author: "ops",
  });
  expect(cycle(second)).toBe("a");
  await vi.waitFor(() => expect(last(second)).toMatchObject({ state: "armed" }));
  expect(cycle(second)).toBe("b");
});

test("a bot that was killed before its last known good took over resumes nothing that is quarantined", async () => {
  const world = worldWhere("b");
  world.disk[STRATEGY] = "b";
  const first = await startLetterBot(world);
  expect([1, 2, 3].map(() => cycle(first))).toEqual(["b", "b", "b"]);
  await first.kill();
  const second = await startLetterBot(world);
  onTestFinished(() => second.kill());
  expect(cycle(second)).toBeNull();
  expect(world.log).toContainEqual(expect.stringMatching(/^Not resumed: momentum@bbbbbbbb\/00000000 is quarantined/));
  world.disk[STRATEGY] = "c";
  await second.bot.reloads.request(STRATEGY, "file");
  expect(cycle(second)).toBe("c");
});

test("what waits for an approval waits on after a restart, under its receipt, and is rehearsed again for it", async () => {
  const config = parseConfig(
    { slots: [{ asset: "btc", interval: "5m", strategy: STRATEGY }], promotion: { default: "approve" } },
    "underway.config.ts",
  );
  const world = new LetterWorld(config);
  world.delaysMs = { ...world.delaysMs, rest: 5 };
  const approve = async (life: Life, code: string) => {
    await vi.waitFor(() => expect(last(life)).toMatchObject({ state: "gated", rehearsal: { complete: true } }));
    const command = { id: code, kind: "approve", strategy: STRATEGY, code, params: "0".repeat(64) };
    const control = { version: (life.bot.steering.applied?.version ?? 0) + 1, commands: [command] };
    world.writeControl(control);
    await life.bot.steering.lookAtControl();
    return cycle(life);
  };
  const first = await startLetterBot(world);
  expect(await approve(first, "a".repeat(64))).toBe("a");
  world.disk[STRATEGY] = "b";
  await first.bot.reloads.request(STRATEGY, "file");
  expect(cycle(first)).toBe("a");
  const id = last(first)?.id;
  await first.kill();

  const second = await startLetterBot(world);
  onTestFinished(() => second.kill());
  expect(last(second)).toMatchObject({ id, state: "gated", to: "momentum@bbbbbbbb" });
  expect(await approve(second, "b".repeat(64))).toBe("b");
  expect(last(second)).toMatchObject({ id, state: "active", approvedBy: "control.json" });
});
