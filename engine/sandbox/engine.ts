// A sandbox engine that has proved, in this very process, the private behaviour of QuickJS it rests on. The proof also
// warms it up: WebAssembly is compiled function by function on first use, and the first decision must not pay for that.
import { assert } from "../base/assert.ts";
import { layoutOf } from "../frame/layout.ts";
import { Decider } from "./decide.ts";
import { compileWasm } from "./engine-module.ts";
import { Guest } from "./guest.ts";
import type { SandboxImage } from "./image.ts";
import { Instance } from "./instance.ts";
import { findHeapEnd } from "./snapshot.ts";

export interface SandboxEngine {
  readonly compiled: WebAssembly.Module;
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

/** Throws AssertionFailed when QuickJS is not the one this was written for. `given` is shared by another thread. */
export async function startEngine(given?: WebAssembly.Module): Promise<SandboxEngine> {
  const compiled = given ?? (await compileWasm());
  const heapEndWord = findHeapEnd(await Instance.create(compiled));
  const guest = new Guest(await Instance.create(compiled), heapEndWord);
  const instance = await Instance.create(compiled);

  guest.ask("describe", guest.evaluate(PROBE));
  guest.askText("configure", "{}");
  const noInputs = layoutOf({}, () => []);
  const image = guest.seal(noInputs, true, "");
  // A sandbox that was just evaluated, and another that only got its bytes, must decide alike, to the tick.
  const cold = probe(guest.instance, image, { reset: false });
  const restored = probe(instance, image, { reset: true });
  assert(
    cold === restored && cold.startsWith("1 0.5 "),
    `A restored sandbox decides ${restored}, the one it was copied from ${cold}`,
  );
  return { compiled, guest, instance };
}

function probe(instance: Instance, image: SandboxImage, options: { readonly reset: boolean }) {
  const answer = new Decider(instance, options, image).decide(
    image,
    new Float64Array(image.frameSize).fill(1),
    Buffer.from('{"n":41}'),
  );
  return `${answer.kind} ${answer.probability} ${Buffer.from(answer.text)} ${answer.fuel}`;
}
