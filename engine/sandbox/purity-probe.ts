// Whether a version's decisions depend on what it decided before: the same synthetic frames decided from the snapshot, then
// kept in order, then kept in another order. Any difference of a byte or a tick is state that outlived a decision. What
// changes without ever being read is not seen here: that is for the analysis of the code.
import { canonicalJson } from "../base/canonical-json.ts";
import { slotId } from "../base/ids.ts";
import { hash32 } from "../base/prng.ts";
import type { DecisionResult } from "../decide/decision.ts";
import type { LoadedVersion } from "../decide/port.ts";
import { type Answer, Decider, isSameAnswer } from "./decide.ts";
import { faultOf, resultOf } from "./decision-result.ts";
import { startEngine } from "./engine.ts";
import { readEngine } from "./engine-file.ts";
import { DEFAULT_VARIANT, type EngineVariant } from "./engine-module.ts";
import { imageOf, type LocalImage, localImage } from "./image.ts";
import { SandboxPoisoned } from "./instance.ts";
import { LocalSnapshots } from "./snapshot.ts";
import type { BundleOrigin } from "./source-position.ts";
import { syntheticFrame } from "./synthetic-frame.ts";

const PROBE_SEED = 20_240_607;
export const PROBE_FRAMES_MAX = 192;
/** What spends more than this over its frames, or faults in so many, is probed with fewer: milliseconds, not seconds. */
const PROBE_FUEL_MAX = 1_000_000;
const PROBE_FAULTS_MAX = 32;
const PROBE_SLOT = slotId("btc", "5m", "probe");
const SHOWN_CHARS_MAX = 60;

const encoder = new TextEncoder();

export class PurityProbe {
  readonly #decider: Decider;
  readonly #snapshots = new LocalSnapshots();

  static async create(variant: EngineVariant = DEFAULT_VARIANT): Promise<PurityProbe> {
    const { instance } = await startEngine(await readEngine(variant));
    return new PurityProbe(new Decider(instance));
  }

  private constructor(decider: Decider) {
    this.#decider = decider;
  }

  /** After SandboxOvertime or SandboxPoisoned: whoever probes next takes a new probe. */
  get isPoisoned(): boolean {
    return this.#decider.isPoisoned;
  }

  /** What differed, in words; null when nothing did. Throws SandboxOvertime and SandboxPoisoned. */
  difference(version: LoadedVersion): string | null {
    const { layout, manifest } = version.facts;
    const image = imageOf(version);
    const reset = localImage(image, this.#snapshots);
    const kept = { ...reset, isKept: true };
    const memory = canonicalJson(manifest.memory?.initial ?? null);
    const frames: Float64Array[] = [];
    const alone: Answer[] = [];
    let [fuel, faults] = [0, 0];
    while (frames.length < PROBE_FRAMES_MAX && fuel < PROBE_FUEL_MAX && faults < PROBE_FAULTS_MAX) {
      const frame = syntheticFrame(layout, PROBE_SEED, frames.length);
      const answer = this.#decide(reset, frame, memory, image.origin);
      frames.push(frame);
      alone.push(answer);
      fuel += answer.fuel;
      if (!(answer.kind >= 0)) faults++;
    }
    const inOrder = [...frames.keys()];
    const shuffled = inOrder.toSorted((a, b) => hash32(PROBE_SEED, a) - hash32(PROBE_SEED, b));
    for (const index of [...inOrder, ...shuffled]) {
      const frame = frames[index]!;
      const answer = this.#decide(kept, frame, memory, image.origin);
      const expected = alone[index]!;
      if (isSameAnswer(answer, expected) && answer.fuel === expected.fuel) continue;
      // Where memory was short, others may have used it up: that is not a state.
      if (answer.kind >= 0 && !this.#decider.keeps(kept)) continue;
      const request = { slot: PROBE_SLOT, version: version.facts.ref, frame, memory };
      const [now, before] = [answer, expected].map((one) => words(resultOf(request, one, image.origin), memory));
      const [gave, instead] = now === before ? [`${answer.fuel} ticks`, `${expected.fuel} ticks`] : [now, before];
      return `decides differently after other decisions: frame ${index} gave ${gave} kept, ${instead} reset`;
    }
    return null;
  }

  #decide(image: LocalImage, frame: Float64Array, memory: string, origin: BundleOrigin): Answer {
    const answer = this.#decider.decide(image, frame, encoder.encode(memory));
    if (this.#decider.isPoisoned) throw new SandboxPoisoned(faultOf(answer, origin).message);
    return { ...answer, text: answer.text.slice() };
  }
}

function words(result: DecisionResult, memory: string): string {
  if (result.type === "Faulted") return `the fault ${quoted(result.fault.message)}`;
  const { signal } = result;
  const numbers = "probability" in signal ? ` at ${signal.probability} up to ${signal.limit ?? "any price"}` : "";
  const kept = result.memory === memory ? "" : ` remembering ${quoted(result.memory)}`;
  return `${signal.kind} ${quoted(signal.reason)}${numbers}${kept}`;
}

const quoted = (text: string): string =>
  `"${text.length > SHOWN_CHARS_MAX ? `${text.slice(0, SHOWN_CHARS_MAX - 1)}…` : text}"`;
