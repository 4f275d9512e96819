import { describe, expect, test } from "vitest";
import { marketStart, openFeed } from "../../../control/run/world.ts";
import type { RunOptions } from "../../../control/run-options.ts";
import { UserError } from "../../../engine/base/errors.ts";
import type { PullFeed } from "../../../engine/feeds/port.ts";
import type { MetaRow } from "../../../engine/store/tables.ts";
import { NOON } from "../../support/a-market.ts";

const WALL = NOON + 1_000_000_000;
const feed = (changes: Partial<PullFeed> = {}): PullFeed => ({
  identity: "simulated seed=1",
  grain: { type: "ticks" },
  slots: [],
  startMs: NOON,
  endMs: null,
  quotes: "modelled",
  history: () => [],
  between: () => [],
  recordedOutcomes: () => new Map(),
  ...changes,
});
const RECORDED = feed({ identity: "replay sha256=1", endMs: NOON + 86_400_000 });
const at = (wallMs: number, speed: number | "max" = 10) => ({ wallMs, speed, dir: "data" });

const first = (world: PullFeed, speed: number | "max" = 10): readonly MetaRow[] =>
  marketStart(world, [], null, at(WALL, speed)).notes;

describe("a simulated market", () => {
  test("begins at its beginning", () => {
    expect(marketStart(feed(), [], null, at(WALL)).atMs).toBe(NOON);
  });

  test("goes on while the bot is down, at the speed it had", () => {
    const again = marketStart(feed(), first(feed()), NOON + 5_000, at(WALL + 60_000, 1));
    expect(again.atMs).toBe(NOON + 600_000);
    expect(marketStart(feed(), again.notes, null, at(WALL + 62_000)).atMs).toBe(NOON + 602_000);
  });

  test("never goes back: not for a clock that was set back, nor behind the last cycle", () => {
    const later = marketStart(feed(), first(feed()), null, at(WALL + 60_000)).notes;
    expect(marketStart(feed(), later, null, at(WALL - 60_000)).atMs).toBe(NOON + 600_000);
    expect(marketStart(feed(), first(feed()), NOON + 900_000, at(WALL + 60_000)).atMs).toBe(NOON + 900_000);
  });

  test("stands still while the bot is down where it goes as fast as it can", () => {
    expect(marketStart(feed(), first(feed(), "max"), NOON + 7_000, at(WALL + 60_000, "max")).atMs).toBe(NOON + 7_000);
    expect(marketStart(feed(), first(feed(), "max"), NOON + 7_000, at(WALL + 60_000, 10)).atMs).toBe(NOON + 7_000);
    expect(marketStart(feed(), first(feed(), 10), NOON + 7_000, at(WALL + 60_000, "max")).atMs).toBe(NOON + 7_000);
  });
});

describe("a recording", () => {
  test("goes on at the last cycle, however long the bot was down", () => {
    expect(marketStart(RECORDED, [], null, at(WALL)).atMs).toBe(NOON);
    expect(marketStart(RECORDED, first(RECORDED), NOON + 5_000, at(WALL + 60_000)).atMs).toBe(NOON + 5_000);
  });
});

test("a data directory belongs to one world", () => {
  const other = feed({ identity: "simulated seed=2" });
  const start = () => marketStart(other, first(feed()), null, at(WALL));
  expect(start).toThrow('Cannot trade "simulated seed=2" here: this data directory holds "simulated seed=1"');
  expect(start).toThrow(expect.objectContaining({ where: "data", hint: expect.stringContaining("--dir") }));
});

describe("opening a feed", () => {
  const options = { data: [], asset: null, seed: null } as unknown as RunOptions;

  test("takes the seed that was asked for", async () => {
    expect((await openFeed("simulated", options)).identity).toBe("simulated seed=1");
    expect((await openFeed("simulated", { ...options, seed: 7 })).identity).toBe("simulated seed=7");
  });

  test("wants data for a replay", async () => {
    await expect(openFeed("replay", options)).rejects.toThrow(UserError);
  });
});
