import { describe, expect, test } from "vitest";
import { Loop, type LoopParts } from "../../../control/run/loop.ts";
import type { SandboxHost } from "../../../engine/decide/port.ts";
import type { Engine } from "../../../engine/engine.ts";
import type { EngineEvent, EngineOutput } from "../../../engine/event.ts";
import type { Store } from "../../../engine/store/port.ts";
import type { ExecutionClient } from "../../../engine/venues/port.ts";

const missed = (count: number): EngineEvent => ({ type: "CyclesMissed", count, atMs: 0 });
const logged = (message: string): EngineOutput => ({
  type: "Logged",
  entry: { level: "info", event: "x", message, fields: {} },
});
const wanted = (cycle: number): EngineOutput => ({ type: "DecisionsWanted", cycle, requests: [], shadows: [] });

/** A loop around a core that answers as the test says, and ports that tell what reached them. */
function loopOn(core: (event: EngineEvent) => readonly EngineOutput[], parts: Partial<LoopParts> = {}) {
  const trace: string[] = [];
  let depth = 0;
  const engine = {
    process(event: EngineEvent) {
      expect(depth, "the core is entered while it works").toBe(0);
      depth += 1;
      trace.push(event.type === "CyclesMissed" ? `missed ${event.count}` : event.type);
      const outputs = core(event);
      depth -= 1;
      return outputs;
    },
  };
  const loop: Loop = new Loop({
    engine: engine as unknown as Engine,
    host: {
      decide(cycle, _requests, ms, done) {
        trace.push(`decide ${cycle} in ${ms} ms`);
        done([]);
      },
    } as SandboxHost,
    store: {
      commit({ seq }) {
        trace.push(`commit ${seq}`);
        loop.post({ type: "CommitDurable", seq });
      },
    } as Store,
    recorder: null,
    venue: { send: ({ type }) => void trace.push(`send ${type}`) } as ExecutionClient,
    deadlineMs: () => 800,
    observe: (output) => void trace.push(output.type === "Logged" ? output.entry.message : output.type),
    decided: (cycle) => void trace.push(`decided ${cycle}`),
    monotonicMs: () => 0,
    ...parts,
  });
  return { loop, trace };
}

describe("the loop", () => {
  test("performs each output once, and in order", () => {
    const { loop, trace } = loopOn(({ type }) =>
      type === "CycleDue"
        ? [logged("begins"), wanted(7), { type: "Commit", batch: { seq: 3, writes: [] } }, logged("ends")]
        : [],
    );
    loop.post({ type: "CycleDue", cycle: 7, atMs: 0 });
    expect(trace).toEqual([
      "CycleDue",
      "begins",
      "decide 7 in 800 ms",
      "decided 7",
      "commit 3",
      "ends",
      "DecisionsMade",
      "CommitDurable",
    ]);
  });

  test("queues what comes while it works, also from what it performs, and handles it in that order", () => {
    const { loop, trace } = loopOn(
      (event) => (event.type === "CyclesMissed" && event.count < 3 ? [logged(`of ${event.count}`)] : []),
      {
        observe: () => {
          loop.post(missed(10));
          loop.post(missed(11));
        },
      },
    );
    loop.post(missed(1));
    loop.post(missed(2));
    expect(trace).toEqual(["missed 1", "missed 10", "missed 11", "missed 2", "missed 10", "missed 11"]);
  });

  test("stops at a bug of the core, tells it, and keeps nothing of what was queued", () => {
    const { loop, trace } = loopOn(
      (event) => {
        if (event.type === "CyclesMissed" && event.count === 2) throw new Error("bug");
        return [logged("more")];
      },
      {
        observe: () => {
          if (trace.length > 1) return;
          loop.post(missed(2));
          loop.post(missed(3));
        },
      },
    );
    expect(() => loop.post(missed(1))).toThrow("bug");
    expect(trace).toEqual(["missed 1", "missed 2"]);
  });

  test("does not take more than it could ever handle", () => {
    const { loop } = loopOn(() => [logged("again")], { observe: () => loop.post(missed(1)) });
    expect(() => loop.post(missed(1))).toThrow("100000 events wait for the core");
  });
});
