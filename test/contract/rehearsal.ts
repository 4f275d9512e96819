// What every rehearsal finds, whichever thread it works in: what an edit changes on recorded history, and why it would be refused.
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { CodeVersion } from "../../engine/base/ids.ts";
import type { LoadedVersion } from "../../engine/decide/port.ts";
import type { RehearsalOptions } from "../../engine/rehearsal/in-thread-rehearsal.ts";
import { type Rehearsal, type RehearsalOrder, type RehearsalReport, refusals } from "../../engine/rehearsal/port.ts";
import { type BookTerms, PaperTrade } from "../../engine/reload/paper-trade.ts";
import { DEFAULT_VARIANT } from "../../engine/sandbox/engine-module.ts";
import { Loader } from "../../engine/sandbox/loader.ts";
import { ALedger, ROWS, spotAt } from "../engine/rehearsal/a-ledger.ts";
import { aMarket, e18, NOON, STRIKE, UNIT } from "../support/a-market.ts";
import { aQuote } from "../support/a-quote.ts";
import { aSlot, LIMITS } from "../support/settings.ts";
import { deciding, loadStrategy } from "../support/strategy-bundle.ts";

const WINDOWS = 4;
const TERMS: BookTerms = {
  sizing: { type: "fixedStake", stakeMicros: 5 * UNIT },
  scalePpm: UNIT,
  limits: LIMITS,
  bankrollMicros: 1_000 * UNIT,
};

/** For the noon slots of two assets, unless told otherwise. */
export const orderOf = (
  candidate: LoadedVersion,
  against: LoadedVersion | null = null,
  changes: Partial<RehearsalOrder> = {},
  slots = [aSlot("btc"), aSlot("eth")],
): RehearsalOrder => ({
  strategy: "momentum",
  candidate: [{ version: candidate, slots }],
  against: against === null ? [] : [{ version: against, slots }],
  terms: TERMS,
  windows: 288,
  budgetMs: 60_000,
  ...changes,
});

export function rehearsalContract(name: string, open: (options: RehearsalOptions) => Rehearsal): void {
  let loader: Loader;
  beforeAll(async () => {
    loader = await Loader.create(DEFAULT_VARIANT);
  });
  const load = (body: string, members?: string, before?: string): Promise<LoadedVersion> =>
    loadStrategy(loader, deciding(body, members, before));

  function opened(ledger: ALedger): Rehearsal {
    const rehearsal = open({ dir: ledger.dir, engine: DEFAULT_VARIANT });
    onTestFinished(() => rehearsal.close());
    return rehearsal;
  }

  /** Of all that is recorded. */
  async function found(ledger: ALedger, order: RehearsalOrder, rehearsal = opened(ledger)): Promise<RehearsalReport> {
    const { first, rest } = rehearsal.rehearse(order);
    await first;
    const report = await rest;
    if (report === null) throw new Error("The rehearsal was cancelled");
    return report;
  }

  const twoAssets = () => new ALedger("btc", "eth").add(WINDOWS);
  const holding = () => load(`return hold("waiting");`);

  describe(`a rehearsal ${name}`, () => {
    test("tells which decisions an edit changes, and into what", async () => {
      const ledger = await twoAssets();
      const candidate = await load(
        `return window.secondsLeft === 300 ? up({ probability: 0.6, limit: 0.55, reason: "fresh" }) : hold("waiting");`,
      );
      const report = await found(ledger, orderOf(candidate, await holding()));
      expect(report).toMatchObject({
        against: expect.stringMatching(/^example@[0-9a-f]{8}$/),
        frames: 2 * WINDOWS * ROWS,
        sampledOf: 2 * WINDOWS * ROWS,
        windows: { seen: 2 * WINDOWS, wanted: 2 * 288 },
        complete: true,
        pure: true,
        faults: 0,
        changedDecisions: 2 * WINDOWS,
        changedWindows: 2 * WINDOWS,
        reworded: 0,
      });
      expect(report.changed).toHaveLength(2 * WINDOWS);
      expect(report.changed[0]).toEqual({
        window: ledger.marketOf(WINDOWS - 1),
        cycle: (WINDOWS - 1) * 300 + 1,
        slot: "BTC-5m-momentum",
        at: "2026-06-08T12:15:00.000Z",
        before: { kind: "hold", probability: null, limit: null, reason: "waiting" },
        after: { kind: "up", probability: 0.6, limit: 0.55, reason: "fresh" },
      });
      expect(refusals(report, 0)).toEqual([]);
    });

    test("lists the newest of what changed, and counts the rest", async () => {
      const ledger = await twoAssets();
      const report = await found(ledger, orderOf(await load(`return exit("out");`), await holding()));
      expect(report.changedDecisions).toBe(2 * WINDOWS * ROWS);
      const times = report.changed.map(({ at }) => at);
      expect(times).toHaveLength(50);
      expect(times).toEqual(times.toSorted().reverse());
      expect(times[0]).toBe("2026-06-08T12:19:50.000Z");
    });

    test("knows other words from other decisions", async () => {
      const ledger = await twoAssets();
      const report = await found(ledger, orderOf(await load(`return hold("idle");`), await holding()));
      expect(report).toMatchObject({
        changedDecisions: 0,
        changedWindows: 0,
        reworded: 2 * WINDOWS * ROWS,
        changed: [],
      });
    });

    test("answers first from a sample: of each window a moment, and those at which its slot acted", async () => {
      const ledger = await twoAssets();
      for (const window of [0, 2]) await ledger.bought(window, 50);
      const seen = await load(`return hold(position ? "holds " + position.shares : "none at " + window.secondsLeft);`);
      const { first, rest } = opened(ledger).rehearse(orderOf(seen, await holding(), { budgetMs: 60_000 }));
      const sample = await first;
      expect(sample.sampledOf).toBe(2 * WINDOWS * ROWS);
      if (!sample.complete) expect(sample.frames).toBe(2 * WINDOWS + 2);
      expect((await rest)?.frames).toBe(2 * WINDOWS * ROWS);
    });

    test("computes inputs that an edit adds as of each moment", async () => {
      const ledger = await twoAssets();
      const candidate = await load(
        `return readings.mean.ready && readings.mean.value === window.spot - 15 ? exit("right") : hold("not ready");`,
        `inputs: () => ({ mean: ta.sma({ interval: "10s", period: 4 }) })`,
      );
      const report = await found(ledger, orderOf(candidate, await holding()));
      // All but those before there were four candles.
      expect(report.changedDecisions).toBe(2 * (WINDOWS * ROWS - 3));
    });

    test("decides with the position that was held at that moment", async () => {
      const ledger = await twoAssets();
      await ledger.bought(0, 50);
      const candidate = await load(
        `return position ? exit([position.side, position.shares].join()) : hold("waiting");`,
      );
      const report = await found(ledger, orderOf(candidate, await holding()));
      expect(report.changedDecisions).toBe(ROWS - 6);
      expect(report.changed.at(-1)).toMatchObject({ cycle: 61, after: { kind: "exit", reason: "up,10" } });
    });

    test("refuses what keeps state from one decision to the next", async () => {
      const ledger = await twoAssets();
      const counts = await load(`return hold("n=" + ++n);`, undefined, "let n = 0;");
      const report = await found(ledger, orderOf(counts, await holding()));
      expect(report.pure).toBe(false);
      expect(report.impure).toMatch(
        /^decides differently after other decisions: cycle \d+ of \w+-5m-momentum gave hold "n=\d+", and hold "n=\d+" before$/,
      );
      const grows = await load(
        `list.push(1); for (const one of list); return hold("same");`,
        undefined,
        "const list = [];",
      );
      expect((await found(ledger, orderOf(grows))).impure).toMatch(/gave \d+ ticks, and \d+ before$/);
      expect(refusals(report, 0)).toEqual([`it is impure: ${report.impure}`]);
    });

    test("finds that without any history, too", async () => {
      const counts = await load(`return hold("n=" + ++n);`, undefined, "let n = 0;");
      const report = await found(new ALedger("btc"), orderOf(counts));
      expect(report).toMatchObject({
        frames: 0,
        sampledOf: 0,
        windows: { seen: 0, wanted: 576 },
        pure: false,
        pnl: null,
      });
      expect(report.impure).toMatch(/^decides differently after other decisions: frame 1 gave/);
      const sound = await found(new ALedger("btc"), orderOf(await holding()));
      expect(sound).toMatchObject({
        frames: 0,
        pure: true,
        complete: true,
        notes: ["history has 0 of 576 windows", expect.any(String)],
      });
      expect(refusals(sound, 10)).toEqual(["history has 0 windows to rehearse on, expected at least 10"]);
    });

    test("counts faults where the running version has none, and names the first", async () => {
      const ledger = await twoAssets();
      const late = `if (window.secondsLeft < 40) throw new Error("too late");`;
      const faulty = await load(`${late}\n  return hold("waiting");`);
      const report = await found(ledger, orderOf(faulty, await holding()));
      expect(report.faults).toBeGreaterThan(0);
      expect(report.firstFault).toMatchObject({ kind: "threw", message: "Error: too late", slot: "BTC-5m-momentum" });
      expect(report.firstFault?.where).toMatch(/^strategies\/example\.ts:4:/);
      expect(refusals(report, 0)[0]).toMatch(
        /^strategies\/example\.ts:4:\d+ it faults in \d+ of \d+ rehearsed decisions/,
      );
      expect((await found(ledger, orderOf(faulty))).faults).toBeGreaterThan(0);
      const asFaulty = await load(`${late}\n  return hold("patient");`);
      expect(await found(ledger, orderOf(asFaulty, faulty))).toMatchObject({
        faults: 0,
        firstFault: null,
        complete: true,
      });
    });

    test("decides with recorded memory: its own, or what it makes of another's", async () => {
      const ledger = await new ALedger("btc").add(1);
      const says = `return hold(JSON.stringify(memory));`;
      const own = await load(says, "inputs: () => ({}), memory: { initial: { n: 1 } }");
      const migrates = await load(
        says,
        "inputs: () => ({}), memory: { initial: { n: 2 }, migrate: (was, from) => ({ n: was.n, from }) }",
      );
      const { strategy, code, params } = own.facts.ref;
      await ledger.remembered(95, '{"n":7}', { strategy: "momentum", code: "b".repeat(64) as CodeVersion });
      await ledger.remembered(195, '{"n":8}', { strategy, code, params });
      const slots = [aSlot("btc")];
      const reasons = async (version: LoadedVersion) => {
        const quiet = await load(`return exit("");`);
        const { changed } = await found(ledger, orderOf(version, quiet, {}, slots));
        return [0, 10, 20].map((row) => changed.toReversed()[row]?.after.reason);
      };
      expect(await reasons(own)).toEqual(['{"n":1}', '{"n":1}', '{"n":8}']);
      const from = `example@${code.slice(0, 8)}`;
      expect(await reasons(migrates)).toEqual([
        '{"n":2}',
        '{"n":7,"from":"momentum@bbbbbbbb"}',
        `{"n":8,"from":"${from}"}`,
      ]);
    });

    test("refuses what cannot make its memory of another's", async () => {
      const ledger = await new ALedger("btc").add(1);
      await ledger.remembered(95, '{"n":7}');
      const fails = `inputs: () => ({}), memory: { initial: { n: 0 }, migrate: (was) => { throw new Error("from " + was.n); } }`;
      const report = await found(
        ledger,
        orderOf(await load(`return hold("waiting");`, fails), await holding(), {}, [aSlot("btc")]),
      );
      expect(report.firstFault).toMatchObject({ kind: "threw", message: "migrate: Error: from 7" });
      expect(refusals(report, 0)).toHaveLength(1);
    });

    test("estimates what both would have earned in settled windows", async () => {
      const ledger = await new ALedger("btc").add(WINDOWS);
      const candidate = await load(`return up({ probability: 0.7, reason: "up" });`);
      const settled = (outcome: "up" | "down"): number => {
        const trade = new PaperTrade(TERMS);
        const window = { market: aMarket(), strikeE18: e18(STRIKE), endE18: null, quote: aQuote(NOON) };
        trade.act({ kind: "up", probability: 0.7, limit: null, reason: "up" }, window, NOON, NOON);
        return trade.settle(outcome).pnlMicros;
      };
      const earned = (WINDOWS / 2) * (settled("up") + settled("down"));
      const slots = [aSlot("btc")];
      const before = await found(ledger, orderOf(candidate, await holding(), {}, slots));
      expect(before.pnl).toEqual({ windows: WINDOWS, beforeMicros: 0, afterMicros: earned });
      const after = await found(ledger, orderOf(await holding(), candidate, {}, slots));
      expect(after.pnl).toEqual({ windows: WINDOWS, beforeMicros: earned, afterMicros: 0 });
      expect(earned).not.toBe(0);
      expect(after.notes).toEqual([
        "history has 4 of 288 windows",
        "positions and memory are as recorded: other code made them",
        "the estimate of profit acts on the sampled cycles only",
      ]);
    });

    test("measures what a decision costs", async () => {
      const ledger = await twoAssets();
      const busy = await load(
        `let sum = 0; for (let n = 0; n < (window.secondsLeft === 300 ? 5000 : 10); n++) sum += n; return hold("" + sum);`,
      );
      const { fuel } = await found(ledger, orderOf(busy, await holding()));
      expect(fuel.p50).toBeGreaterThan(10);
      expect(fuel.p99).toBeGreaterThan(5_000);
      expect(fuel.max).toBe(fuel.p99);
    });

    test("sees what was recorded since the last one, and only the newest windows", async () => {
      const ledger = await new ALedger("btc").add(1);
      const rehearsal = opened(ledger);
      const [candidate, running] = [await load(`return hold("at " + window.spot);`), await load(`return exit("");`)];
      const order = orderOf(candidate, running, { windows: 2 }, [aSlot("btc")]);
      expect((await found(ledger, order, rehearsal)).windows).toEqual({ seen: 1, wanted: 2 });
      await ledger.add(2);
      const report = await found(ledger, order, rehearsal);
      expect(report).toMatchObject({ windows: { seen: 2, wanted: 2 }, frames: 2 * ROWS, complete: true });
      expect(report.changed[0]?.after.reason).toBe(`at ${spotAt(NOON + 890_000)}`);
    });

    test("compares with a version that was a candidate before, and with several at once", async () => {
      const ledger = await twoAssets();
      const rehearsal = opened(ledger);
      const [one, two] = [await load(`return exit("one");`), await load(`return hold("two");`)];
      const [btc, eth] = [[aSlot("btc")], [aSlot("eth")]];
      await found(ledger, orderOf(one, await holding()), rehearsal);
      const order: RehearsalOrder = {
        ...orderOf(two),
        candidate: [
          { version: one, slots: eth },
          { version: two, slots: btc },
        ],
        against: [
          { version: one, slots: btc },
          { version: two, slots: eth },
        ],
      };
      const report = await found(ledger, order, rehearsal);
      expect(report.changedDecisions).toBe(2 * WINDOWS * ROWS);
      const told = report.changed.map(({ slot, before, after }) => `${slot}: ${before?.reason} to ${after.reason}`);
      expect(new Set(told)).toEqual(new Set(["BTC-5m-momentum: one to two", "ETH-5m-momentum: two to one"]));
    });

    test("ends when another of the same strategy begins, or when it is cancelled, and leaves others alone", async () => {
      const rehearsal = opened(await twoAssets());
      const candidate = await holding();
      const older = rehearsal.rehearse(orderOf(candidate));
      const other = rehearsal.rehearse(orderOf(candidate, null, { strategy: "trend" }));
      const newer = rehearsal.rehearse(orderOf(candidate));
      await expect(older.first).rejects.toThrow("The rehearsal of momentum was cancelled");
      expect(await older.rest).toBeNull();
      expect((await newer.rest)?.complete).toBe(true);
      expect((await other.rest)?.complete).toBe(true);
      const last = rehearsal.rehearse(orderOf(candidate));
      last.cancel();
      await expect(last.first).rejects.toThrow("cancelled");
      expect(await last.rest).toBeNull();
    });

    test("rejects with what is wrong with the ledger", async () => {
      const ledger = new ALedger("btc");
      const { writeFileSync } = await import("node:fs");
      writeFileSync(`${ledger.dir}/underway.db`, "not a ledger at all".repeat(100));
      const { first } = opened(ledger).rehearse(orderOf(await holding()));
      await expect(first).rejects.toThrow(/^Cannot read ledger ".*underway\.db": file is not a database$/);
    });
  });
}
