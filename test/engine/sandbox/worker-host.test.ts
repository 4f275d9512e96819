import type { Worker } from "node:worker_threads";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CodeVersion } from "../../../engine/base/ids.ts";
import type { LoadedVersion } from "../../../engine/decide/port.ts";
import { ENGINE_VARIANTS } from "../../../engine/sandbox/engine-module.ts";
import { InThreadHost } from "../../../engine/sandbox/in-thread-host.ts";
import { Loader } from "../../../engine/sandbox/loader.ts";
import { WorkerHost } from "../../../engine/sandbox/worker-host.ts";
import { sandboxHostContract } from "../../contract/sandbox-host.ts";
import { decideAll, deciding, loadStrategy, outcomeOf, requestOf } from "../../support/strategy-bundle.ts";

sandboxHostContract((variant) => WorkerHost.create(variant));

// What texts cost is not counted: two long ones are compared in a millisecond, with as much fuel as two numbers.
const HANGS = deciding(
  `if (window.spot === 13) hang();
   return hold("sound " + memory.n, { memory: { n: memory.n + 1 } });`,
  `inputs: () => ({}),
   memory: { initial: { n: 0 }, migrate: (old) => (old.hangs ? hang() : { n: 100 + old.n }) }`,
  'const hang = () => { for (let text = "x"; text.length < 1e6 ? (text += text) : text + 1 < text + 2; ); };',
);
const ANOTHER = "3f9a2c1e".repeat(8) as CodeVersion;
const SOUND = deciding(`return exit("sound " + window.spot);`);

describe.each(ENGINE_VARIANTS)("a worker that stops answering, on %s", (variant) => {
  const workers: Worker[] = [];
  const noteWorker = (worker: Worker) => workers.push(worker);
  let host: WorkerHost;
  let hangs: LoadedVersion;
  let sound: LoadedVersion;

  beforeAll(async () => {
    process.on("worker", noteWorker);
    const loader = await Loader.create(variant);
    host = await WorkerHost.create(variant);
    hangs = await loadStrategy(loader, HANGS);
    sound = await loadStrategy(loader, SOUND);
    await Promise.all([hangs, sound].map((version) => host.install(version)));
  });
  afterAll(async () => {
    process.off("worker", noteWorker);
    await host.close();
  });

  /** Both workers are there again, with every version. */
  const recovered = () => host.install(sound);

  test("costs the slot it hung in its decision, and no other slot of the cycle", async () => {
    const requests = [0, 1, 13, 2, 3].map((spot, n) =>
      requestOf(spot === 1 ? sound : hangs, { spot }, { slot: `S${n}`, memory: '{"n":5}' }),
    );
    const results = await decideAll(host, requests, 2_000);
    expect(results.map(outcomeOf)).toEqual([
      "hold: sound 5",
      "exit: sound 1",
      "hung! the decision never ended",
      "hold: sound 5",
      "hold: sound 5",
    ]);
    expect(results.map(({ slot }) => slot)).toEqual(["S0", "S1", "S2", "S3", "S4"]);
    expect(host.counters().replaced).toBe(1);
    expect(host.counters().worker).toBe("ready");
    await recovered();
  });

  test("in migrate() costs that slot alone its decision as well", async () => {
    const before = host.counters().replaced;
    const memories = ['{"n":5}', '{"hangs":true}', '{"n":6}'];
    const requests = memories.map((memory) => ({ ...requestOf(hangs, {}, { memory }), migrateFrom: ANOTHER }));
    const results = await decideAll(host, [...requests, requestOf(sound, { spot: 7 })], 2_000);
    expect(results.map(outcomeOf)).toEqual([
      "hold: sound 105",
      "hung! the decision never ended",
      "hold: sound 106",
      "exit: sound 7",
    ]);
    expect(host.counters().replaced).toBe(before + 1);
    await recovered();
  });

  test("twice in one cycle leaves only its own version's slots without a decision", async () => {
    const before = host.counters().replaced;
    const spots = [13, 0, 13, 1, 13, 2];
    const requests = spots.map((spot, n) => requestOf(n % 2 === 0 ? hangs : sound, { spot }, { memory: '{"n":5}' }));
    const results = await decideAll(host, requests, 2_000);
    const kinds = results.map((result) => (result.type === "Faulted" ? result.fault.kind : result.signal.reason));
    // Once there is no spare left, the deadline ends what hangs.
    const undecided = expect.stringMatching(/^(hung|overdue)$/);
    expect(kinds).toEqual([undecided, "sound 0", undecided, "sound 1", undecided, "sound 2"]);
    expect(kinds).toContain("hung");
    expect(host.counters().replaced).toBeGreaterThan(before);
    await recovered();
  });

  test("again and again costs the others no cycle, however short: it is asked only while a spare stands ready", async () => {
    await recovered();
    const requests = [13, 6].map((spot, n) => requestOf(n === 0 ? hangs : sound, { spot }, { memory: '{"n":5}' }));
    const kinds: string[] = [];
    for (let cycle = 0; cycle < 6; cycle++) {
      const [stuck, free] = await decideAll(host, requests, 400);
      expect(outcomeOf(free!)).toBe("exit: sound 6");
      kinds.push(stuck!.type === "Faulted" ? stuck!.fault.kind : stuck!.signal.reason);
    }
    expect(kinds.filter((kind) => kind !== "hung" && kind !== "overdue")).toEqual([]);
    expect(kinds).toContain("hung");
    await recovered();
  });

  test("and dies costs nothing between cycles", async () => {
    await recovered();
    const before = host.counters().replaced;
    const live = workers.filter(({ threadId }) => threadId !== -1);
    expect(live).toHaveLength(2);
    await Promise.all(live.map((worker) => worker.terminate()));
    const [result] = await decideAll(host, [requestOf(sound, { spot: 4 })]);
    expect(outcomeOf(result!)).toBe("exit: sound 4");
    expect(host.counters().replaced).toBe(before + 2);
    await recovered();
  });

  test("and dies in a cycle costs at most the decision it was at", async () => {
    await recovered();
    const requests = Array.from({ length: 30 }, (_, spot) => requestOf(sound, { spot }));
    const decided = decideAll(host, requests);
    await Promise.all(workers.filter(({ threadId }) => threadId !== -1).map((worker) => worker.terminate()));
    const wrong = (await decided).map(outcomeOf).filter((outcome, spot) => outcome !== `exit: sound ${spot}`);
    expect(wrong.length).toBeLessThanOrEqual(1);
    for (const outcome of wrong) expect(outcome).toMatch(/^host! the sandbox worker died/);
    await recovered();
  });

  test("cycles that come due meanwhile wait for their turn", async () => {
    await recovered();
    const stuck = decideAll(host, [requestOf(hangs, { spot: 13 }, { memory: '{"n":5}' })], 2_000);
    const next = decideAll(host, [requestOf(sound, { spot: 9 })]);
    expect((await stuck).map(outcomeOf)).toEqual(["hung! the decision never ended"]);
    expect((await next).map(outcomeOf)).toEqual(["exit: sound 9"]);
    await recovered();
  });
});

test.each(ENGINE_VARIANTS)("a worker and this thread decide alike on %s, to the tick", async (variant) => {
  const loader = await Loader.create(variant);
  const hosts = await Promise.all([WorkerHost.create(variant), InThreadHost.create({ variant })]);
  const version = await loadStrategy(
    loader,
    deciding(
      `const all = Array.from({ length: window.spot }, (_, n) => (n * 7919) % 101).sort((a, b) => a - b);
       if (window.spot % 5 === 4) throw new RangeError("at " + all.at(-1));
       return up({ probability: 0.5, reason: all.join(" ").replace(/1/g, "one"), memory: { n: all.length, memory } });`,
      `inputs: () => ({}), memory: { initial: null, migrate(old, from) {
         if (old.x[0] % 7 === 6) throw new RangeError("from " + from);
         return { old, from, words: "ab".repeat(old.x[0]).split("b") };
       } }`,
    ),
  );
  const plain = Array.from({ length: 40 }, (_, n) => requestOf(version, { spot: n }, { memory: `{"x":[${n},"é"]}` }));
  const requests = plain.flatMap((request) => [request, { ...request, migrateFrom: ANOTHER }]);
  const [worker, inThread] = await Promise.all(
    hosts.map(async (host) => {
      await host.install(version);
      return decideAll(host, requests);
    }),
  );
  expect(worker).toEqual(inThread);
  expect(new Set(worker!.map(({ fuel }) => fuel)).size).toBeGreaterThan(10);
  await Promise.all(hosts.map((host) => host.close()));
});
