import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { LoadedVersion } from "../../../engine/decide/port.ts";
import { InThreadRehearsal } from "../../../engine/rehearsal/in-thread-rehearsal.ts";
import type { Rehearsal } from "../../../engine/rehearsal/port.ts";
import { RehearsalThread } from "../../../engine/rehearsal/rehearsal-thread.ts";
import { DEFAULT_VARIANT } from "../../../engine/sandbox/engine-module.ts";
import { Loader } from "../../../engine/sandbox/loader.ts";
import { orderOf, rehearsalContract } from "../../contract/rehearsal.ts";
import { deciding, loadStrategy } from "../../support/strategy-bundle.ts";
import { ALedger } from "./a-ledger.ts";

rehearsalContract("in this thread", (options) => new InThreadRehearsal(options));
rehearsalContract("in a thread of its own", (options) => new RehearsalThread(options));

let holds: LoadedVersion;
let hangs: LoadedVersion;
let slow: LoadedVersion;
let busy: LoadedVersion;
let picky: LoadedVersion;
beforeAll(async () => {
  const loader = await Loader.create(DEFAULT_VARIANT);
  const load = (body: string) => loadStrategy(loader, deciding(body));
  holds = await load(`return hold("waiting");`);
  busy = await load(
    `if (window.secondsLeft % 20 === 0) return up({ probability: 0.4 + window.secondsLeft / 1000, reason: "up" });
     return exit("at " + window.spot);`,
  );
  picky = await load(
    `if (window.secondsLeft === 150) return down({ probability: 0.8, limit: 0.6, reason: "down" });
     return window.secondsLeft % 40 === 0 ? exit("at " + window.open) : hold("waiting");`,
  );
  slow = await load(`for (let n = 0; n < 20_000; n++); return hold("slow");`);
  hangs = await load(
    `let text = "x";
     while (text.length < 2e5) text += text;
     while (window.secondsLeft === 300 && text + 1 < text + 2);
     return hold("waiting");`,
  );
});

function kept<Kind extends Rehearsal>(rehearsal: Kind): Kind {
  onTestFinished(() => rehearsal.close());
  return rehearsal;
}

test("slices of time, and answers that are remembered, change nothing that is found", async () => {
  const { dir } = await new ALedger("btc", "eth").add(12);
  const thread = kept(new RehearsalThread({ dir, engine: DEFAULT_VARIANT }));
  const found = async (rehearsal: Rehearsal, ...versions: Parameters<typeof orderOf>) => {
    const { first, rest } = rehearsal.rehearse(orderOf(...versions));
    await first;
    return { ...(await rest), elapsedMs: 0 };
  };
  await found(thread, busy, holds);
  await found(thread, picky, busy);
  for (const [candidate, running] of [
    [busy, picky],
    [picky, holds],
    [holds, busy],
  ] as const) {
    const alone = kept(new InThreadRehearsal({ dir, engine: DEFAULT_VARIANT }));
    const expected = await found(alone, candidate, running);
    expect(await found(thread, candidate, running, { budgetMs: 5 })).toEqual(expected);
    expect(expected.changedDecisions).toBeGreaterThan(100);
  }
});

test("what runs on without spending fuel has a fault, and costs nobody else", async () => {
  const { dir } = await new ALedger("btc", "eth").add(2);
  const rehearsal = kept(new InThreadRehearsal({ dir, engine: DEFAULT_VARIANT }));
  const [hung, sound] = [
    rehearsal.rehearse(orderOf(hangs)),
    rehearsal.rehearse(orderOf(holds, null, { strategy: "trend" })),
  ];
  expect((await hung.first).firstFault).toMatchObject({
    kind: "hung",
    message: "A strategy ran for more than 2000 ms without spending its fuel",
  });
  expect(await sound.first).toMatchObject({ faults: 0, complete: true });
});

describe("a rehearsal's thread", () => {
  test("answers a new request before the rest of an older one", async () => {
    const { dir } = await new ALedger("btc", "eth").add(4);
    const rehearsal = kept(new RehearsalThread({ dir, engine: DEFAULT_VARIANT }));
    const older = rehearsal.rehearse(orderOf(slow));
    const ends: string[] = [];
    const rest = older.rest.then(() => ends.push("rest of the older"));
    await older.first;
    const newer = rehearsal.rehearse(orderOf(holds, null, { strategy: "trend" }));
    await newer.first.then(() => ends.push("first of the newer"));
    await Promise.all([rest, newer.rest]);
    expect(ends).toEqual(["first of the newer", "rest of the older"]);
  });

  test("ends its first answer when the budget is spent", async () => {
    const { dir } = await new ALedger("btc", "eth").add(10);
    const rehearsal = kept(new RehearsalThread({ dir, engine: DEFAULT_VARIANT }));
    const { first, rest } = rehearsal.rehearse(orderOf(slow, null, { budgetMs: 1 }));
    // Of twenty windows a moment each would be twenty: the clock is read after sixteen decisions.
    expect(await first).toMatchObject({ frames: 16, complete: false });
    expect((await rest)?.complete).toBe(true);
  });

  test("gives up a request that takes too long, and answers the next one in a new thread", async () => {
    const { dir } = await new ALedger("btc").add(1);
    const rehearsal = kept(new RehearsalThread({ dir, engine: DEFAULT_VARIANT }, 0));
    for (const strategy of ["momentum", "trend"]) {
      const { first, rest } = rehearsal.rehearse(orderOf(holds, null, { strategy }));
      const message = `Cannot rehearse ${strategy}: no answer within 0 ms, it hangs when it decides`;
      await expect(first).rejects.toThrow(message);
      await expect(rest).rejects.toThrow(message);
    }
  });

  test("rejects what it is at, and what is asked of it, once it is closed", async () => {
    const rehearsal = new RehearsalThread({ dir: new ALedger("btc").dir, engine: DEFAULT_VARIANT });
    const asked = rehearsal.rehearse(orderOf(holds));
    await rehearsal.close();
    for (const { first, rest } of [asked, rehearsal.rehearse(orderOf(holds))]) {
      await expect(first).rejects.toThrow("the rehearsal is closed");
      expect(await rest).toBeNull();
    }
  });
});
