import type { Worker } from "node:worker_threads";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DecisionRequest, DecisionResult } from "../../../engine/decide/decision.ts";
import type { LoadedVersion } from "../../../engine/decide/port.ts";
import { ENGINE_VARIANTS } from "../../../engine/sandbox/engine-module.ts";
import { Loader } from "../../../engine/sandbox/loader.ts";
import { WorkerHost } from "../../../engine/sandbox/worker-host.ts";
import { decideAll, deciding, loadStrategy, outcomeOf, requestOf } from "../../support/strategy-bundle.ts";

const BUSY_MS = 100;
const OVERDUE = "overdue! no answer by the deadline";

describe.each(ENGINE_VARIANTS)("shadow decisions on %s", (variant) => {
  const workers: Worker[] = [];
  const noteWorker = (worker: Worker) => workers.push(worker);
  let host: WorkerHost;
  let sound: LoadedVersion;
  let hangs: LoadedVersion;
  let slow: LoadedVersion;
  let brief: LoadedVersion;

  beforeAll(async () => {
    process.on("worker", noteWorker);
    const loader = await Loader.create(variant);
    host = await WorkerHost.create(variant);
    const load = (body: string) => loadStrategy(loader, deciding(body));
    sound = await load(`return exit("sound " + window.spot);`);
    hangs = await load(`for (let text = "x"; text.length < 1e6 ? (text += text) : text + 1 < text + 2; );`);
    // All of its fuel: tens of milliseconds.
    slow = await load(`for (let n = 0; ; n++) String(n).replace(/1/g, "x");`);
    brief = await load(`for (let n = 0; n < 100_000; n++); return hold("brief");`);
    await Promise.all([hangs, slow, brief].map((version) => host.install(version)));
  });
  afterAll(async () => {
    process.off("worker", noteWorker);
    await host.close();
  });
  /** Both workers are there, with every version. */
  beforeEach(() => host.install(sound));

  const shadow = (requests: readonly DecisionRequest[], deadlineMs = 60_000) => {
    const answer = { results: null as readonly DecisionResult[] | null };
    const done = new Promise<readonly DecisionResult[]>((resolve) =>
      host.decide(
        1,
        requests,
        deadlineMs,
        (results) => {
          answer.results = results;
          resolve(results);
        },
        "shadow",
      ),
    );
    return { answer, done };
  };
  const spots = (version: LoadedVersion, ...all: number[]) => all.map((spot) => requestOf(version, { spot }));
  const outcomes = (results: readonly DecisionResult[] | null) => results?.map(outcomeOf);

  /** A worker that is at something for longer than a sound decision takes. */
  const isBusy = async () => {
    const activeMs = () =>
      Math.max(
        ...workers.map(({ threadId, performance }) =>
          threadId === -1 ? 0 : performance.eventLoopUtilization().active,
        ),
      );
    const before = activeMs();
    await expect.poll(() => activeMs() - before, { interval: 5, timeout: 20_000 }).toBeGreaterThan(BUSY_MS);
  };

  test("are made from inside the call that takes the live ones", async () => {
    const live: (readonly DecisionResult[])[] = [];
    const shadows = await new Promise<readonly DecisionResult[]>((resolve) =>
      host.decide(1, spots(sound, 1, 2), 20_000, (results) => {
        live.push(results);
        host.decide(1, spots(sound, 3), 20_000, resolve, "shadow");
      }),
    );
    expect(live.map(outcomes)).toEqual([["exit: sound 1", "exit: sound 2"]]);
    expect(outcomes(shadows)).toEqual(["exit: sound 3"]);
  });

  test("that hang cost their own slot alone its answer", async () => {
    const before = host.counters().replaced;
    const { done } = shadow([...spots(sound, 1), ...spots(hangs, 0), ...spots(sound, 2)], 2_000);
    expect(outcomes(await done)).toEqual(["exit: sound 1", "hung! the decision never ended", "exit: sound 2"]);
    expect(host.counters().replaced).toBe(before + 1);
  });

  test("that hang end with the next call for live ones, which are decided within their own deadline", async () => {
    const before = host.counters().replaced;
    const { answer } = shadow([...spots(sound, 1, 2), ...spots(hangs, 0)]);
    await isBusy();
    const live = decideAll(host, spots(sound, 3), 2_000, 2);
    expect(outcomes(answer.results)).toEqual(["exit: sound 1", "exit: sound 2", OVERDUE]);
    expect(outcomes(await live)).toEqual(["exit: sound 3"]);
    expect(host.counters().replaced).toBe(before + 1);
  });

  test("that are merely slow end so as well, with the one that the worker is at, and cost no worker", async () => {
    const before = host.counters().replaced;
    const { answer } = shadow([...Array.from({ length: 63 }, () => requestOf(slow)), ...spots(hangs, 0)]);
    await isBusy();
    const live = decideAll(host, spots(sound, 4), 20_000, 2);
    expect(outcomes(answer.results)?.at(-1)).toBe(OVERDUE);
    expect(outcomes(await live)).toEqual(["exit: sound 4"]);
    // Had the worker gone on to the one that hangs, it would be lost.
    expect(host.counters().replaced).toBe(before);
  });

  test("that are too many for their own deadline cost no worker either", async () => {
    const before = host.counters().replaced;
    const many = Array.from({ length: 1_000 }, () => requestOf(brief));
    expect(outcomes(await shadow(many, 600).done)?.at(-1)).toBe(OVERDUE);
    expect(outcomes(await decideAll(host, spots(sound, 5)))).toEqual(["exit: sound 5"]);
    expect(host.counters().replaced).toBe(before);
  });

  test("are asked only while a spare stands ready for the live ones after them", async () => {
    const shadows = await new Promise<readonly DecisionResult[]>((resolve) =>
      host.decide(1, spots(hangs, 0), 600, () => host.decide(1, spots(sound, 6), 60_000, resolve, "shadow")),
    );
    const spare = host.install(sound).then(() => "ready");
    const later = new Promise((resolve) => setImmediate(resolve, "starting"));
    expect([...outcomes(shadows)!, await Promise.race([spare, later])]).toEqual(["exit: sound 6", "ready"]);
  });

  test("wait for the live ones that were asked before, and end with those asked after", async () => {
    const first = decideAll(host, spots(sound, 1));
    const { answer } = shadow(spots(sound, 2));
    const second = decideAll(host, spots(sound, 3));
    expect(outcomes(answer.results)).toEqual([OVERDUE]);
    expect((await Promise.all([first, second])).map(outcomes)).toEqual([["exit: sound 1"], ["exit: sound 3"]]);
  });
});
