// A sandbox engine that has proved, in this very process, the private behaviour of QuickJS it rests on. The proof also
// warms it up: WebAssembly is compiled function by function on first use, and the first decision must not pay for that.
import { assert } from "../base/assert.ts";
import { layoutOf } from "../frame/layout.ts";
import { Decider } from "./decide.ts";
import type { CompiledEngine } from "./engine-module.ts";
import { Guest } from "./guest.ts";
import { type LocalImage, localImage } from "./image.ts";
import { Instance } from "./instance.ts";
import { instrument } from "./instrumented.ts";
import { findHeapEnd, LocalSnapshots } from "./snapshot.ts";

/** Can be handed to another thread as it is. */
export interface EngineParts extends CompiledEngine {
  /** Sources of what runs around a strategy. */
  readonly reader: string;
  readonly guard: string;
}

export interface SandboxEngine {
  /** Loads versions. */
  readonly guest: Guest;
  /** Decides: any snapshot may be restored into it. */
  readonly instance: Instance;
}

const PROBE = `var __strategy = { default: {
  type: "strategy", about: "self-test", memory: { initial: {} }, inputs: () => ({}),
  decide(_, { memory, window }) {
    let sum = window.spot;
    for (const n of [3, 1, 2].sort((a, b) => a - b)) sum += n;
    try { null.x; } catch (error) { sum += error.stack.length; }
    const text = JSON.stringify({ sum, found: "a1b2".replace(/[0-9]/g, "-"), fixed: (0.5).toFixed(2) });
    return { kind: "up", probability: 0.5, reason: text, memory: { n: memory.n + 1 } };
  } } };`;

/** Throws AssertionFailed when QuickJS is not the one this was written for. */
export async function startEngine(parts: EngineParts): Promise<SandboxEngine> {
  const heapEnd = findHeapEnd(await Instance.create(parts));
  const guest = new Guest(await Instance.create(parts), parts, heapEnd);
  const instance = await Instance.create(parts);

  guest.ask("describe", guest.evaluate(instrument(PROBE, { reads: [], thrown: [] }, null)));
  guest.askText("configure", "{}");
  const noInputs = layoutOf({}, () => []);
  const sealed = guest.seal(noInputs, true, { sourceMap: "", shifts: [] });
  const snapshots = new LocalSnapshots();
  // A sandbox that was just evaluated, and another that only got its bytes, must decide alike, to the tick.
  const kept = localImage(sealed, snapshots, true);
  const cold = probe(new Decider(guest.instance, kept), kept);
  const restored = probe(new Decider(instance), localImage(sealed, snapshots));
  assert(
    cold === restored && cold.startsWith("1 0.5 "),
    `A restored sandbox decides ${restored}, the one it was copied from ${cold}`,
  );
  return { guest, instance };
}

function probe(decider: Decider, image: LocalImage): string {
  const answer = decider.decide(image, new Float64Array(image.frameSize).fill(1), Buffer.from('{"n":41}'));
  return `${answer.kind} ${answer.probability} ${Buffer.from(answer.text)} ${answer.fuel}`;
}
