// Every hostile strategy, as it would be saved: through the bundler and the loader into a sandbox, twice in a row, and a
// sound one after it. What is known to hang decides in a worker, the rest in this thread.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type DecisionRequest,
  type DecisionResult,
  type FaultKind,
  MEMORY_BYTES_MAX,
  REASON_MAX,
} from "../../../engine/decide/decision.ts";
import type { LoadedVersion } from "../../../engine/decide/port.ts";
import { versionKey } from "../../../engine/decide/version.ts";
import { ENGINE_VARIANTS } from "../../../engine/sandbox/engine-module.ts";
import { InThreadHost } from "../../../engine/sandbox/in-thread-host.ts";
import { Loader } from "../../../engine/sandbox/loader.ts";
import { WorkerHost } from "../../../engine/sandbox/worker-host.ts";
import { Refusal } from "../../../engine/versions/source-error.ts";
import { StoredFolder } from "../../../engine/versions/source-folder.ts";
import { loadArtifact, makeArtifact } from "../../../engine/versions/workshop.ts";
import { CORPUS } from "../../hostile/corpus.ts";
import type { HostileOutcome, HostileStrategy } from "../../hostile/hostile-strategy.ts";
import { SOUND_SOURCE } from "../../hostile/sound.ts";
import { decideAll } from "../../support/strategy-bundle.ts";

/** A quarter of it is what the worker host waits for an answer. */
const DEADLINE_MS = 400;
const ENTRIES_MIN = 150;
const LATE: ReadonlySet<FaultKind> = new Set(["hung", "overdue"]);
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

test("the corpus has many entries, each with a name of its own", () => {
  expect(new Set(CORPUS.map(({ name }) => name)).size).toBe(CORPUS.length);
  expect(CORPUS.length).toBeGreaterThanOrEqual(ENTRIES_MIN);
});

describe.each(ENGINE_VARIANTS)("on %s", (variant) => {
  let loader: Loader;
  let inThread: InThreadHost;
  let worker: WorkerHost;
  let sound: LoadedVersion;
  let expected: DecisionResult;

  const load = async (source: string): Promise<LoadedVersion> => {
    const folder = new StoredFolder("strategies", { "hostile.ts": source });
    return loadArtifact(loader, await makeArtifact(folder, "hostile.ts"), {}, folder);
  };

  beforeAll(async () => {
    [loader, inThread, worker] = await Promise.all([
      Loader.create(variant),
      InThreadHost.create({ variant }),
      WorkerHost.create(variant),
    ]);
    sound = await load(SOUND_SOURCE);
    await inThread.install(sound);
    [expected] = (await decideAll(inThread, [requestOf(sound)])) as [DecisionResult];
    expect(expected).toMatchObject({ type: "Decided", signal: { kind: "hold" } });
  });
  afterAll(() => Promise.all([inThread.close(), worker.close()]));

  /** Twice in a row, without an installation between them. What ends this thread's sandbox ends one entry, not those after it. */
  const decideInThread = async (version: LoadedVersion): Promise<readonly DecisionResult[]> => {
    try {
      await Promise.all([inThread.install(sound), inThread.install(version)]);
      return await decideAll(inThread, [requestOf(version), requestOf(version)]);
    } catch (error) {
      inThread = await InThreadHost.create({ variant });
      throw error;
    }
  };

  /** Twice, each time by a worker beside which a spare stands ready. */
  const decideInWorker = async (version: LoadedVersion): Promise<readonly DecisionResult[]> => {
    const both: DecisionResult[] = [];
    for (const _ of [1, 2]) {
      await Promise.all([worker.install(sound), worker.install(version)]);
      both.push(...(await decideAll(worker, [requestOf(version)], DEADLINE_MS)));
    }
    return both;
  };

  const outcomeOf = async ({ source, hangs }: HostileStrategy): Promise<HostileOutcome> => {
    let version: LoadedVersion;
    try {
      version = await load(source);
    } catch (error) {
      if (error instanceof Refusal) return "refused";
      throw error;
    }
    const host = hangs === "deciding" ? worker : inThread;
    const [first, second] = await (host === worker ? decideInWorker : decideInThread)(version);
    expect(await decideAll(host, [requestOf(sound)])).toEqual([expected]);
    host.retire(versionKey(version.facts.ref));
    // What ends late ends with its worker, and when that is, is the machine's affair.
    if (isLate(first!) || isLate(second!)) expect([first!.type, second!.type]).toEqual(["Faulted", "Faulted"]);
    else expect(second).toEqual(first);
    if (first!.type === "Faulted") return "faults";
    expectSound(first!);
    return "decides";
  };

  // Each entry on one of the engines: npm run -s containment has all of them on both. What hangs while it is loaded is for the
  // workshop's thread: a running bot shows it.
  const turn = ENGINE_VARIANTS.indexOf(variant);
  const entries = CORPUS.filter(({ hangs }, index) => hangs !== "loading" && index % ENGINE_VARIANTS.length === turn);
  test.each(entries)("$name: $expected", async (entry) => {
    expect([entry.expected].flat()).toContain(await outcomeOf(entry));
  });
});

function requestOf({ facts }: LoadedVersion): DecisionRequest {
  const frame = Float64Array.from({ length: facts.layout.size }, (_, index) => 1 + ((index * 37) % 101) / 100);
  const memory = JSON.stringify(facts.manifest.memory?.initial ?? null);
  return { slot: "BTC-5m-hostile" as DecisionRequest["slot"], version: facts.ref, frame, memory };
}

const isLate = (result: DecisionResult): boolean => result.type === "Faulted" && LATE.has(result.fault.kind);

function expectSound(result: Extract<DecisionResult, { type: "Decided" }>): void {
  const { signal, memory } = result;
  expect(signal.reason.length).toBeLessThanOrEqual(REASON_MAX);
  expect(signal.reason).not.toMatch(CONTROL);
  expect(Buffer.byteLength(memory)).toBeLessThanOrEqual(MEMORY_BYTES_MAX);
  JSON.parse(memory);
  if (!("probability" in signal)) return;
  for (const share of [signal.probability, signal.limit ?? signal.probability]) {
    expect(share).toBeGreaterThan(0);
    expect(share).toBeLessThan(1);
  }
}
