// One version deciding one slot, moment after moment, where nothing else is decided in between: what a backtest over candles
// is made of. The same decisions as through requests, but nothing is made of each: only what it comes to is looked at, its
// words when somebody asks for them.
import type { SlotId } from "../base/ids.ts";
import type { DecisionResult, Signal } from "../decide/decision.ts";
import type { VersionRef } from "../decide/version.ts";
import type { Manifest } from "../frame/manifest.ts";
import type { Decider } from "./decide.ts";
import { isShare, resultOf, SIGNAL_KINDS } from "./decision-result.ts";
import type { LocalImage } from "./image.ts";
import { initialMemory } from "./memory-start.ts";
import type { BundleOrigin } from "./source-position.ts";

interface Parts {
  readonly slot: SlotId;
  readonly version: VersionRef;
  readonly image: LocalImage & { readonly origin: BundleOrigin; readonly declared: Manifest["memory"] };
  /** Decides, and gives the answer's kind. */
  readonly step: (frame: Float64Array, memory: string) => number;
  readonly decided: () => Decider;
}

export class DecisionRun {
  /** What is decided on: whoever asks fills it. */
  readonly frame: Float64Array;
  readonly #parts: Parts;
  #memory: string;
  /** What the last decision was made with. */
  #remembered: string;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.frame = new Float64Array(parts.image.frameSize);
    this.#memory = this.#remembered = initialMemory(parts.image.declared);
  }

  /** Decides on the frame as it is now. Throws SandboxOvertime and SandboxPoisoned. */
  decide(): Signal["kind"] | "fault" {
    const { step, decided, image } = this.#parts;
    this.#remembered = this.#memory;
    const kind = step(this.frame, this.#memory);
    // Where there is no memory, an answer is its numbers: words are for people.
    if (!image.remembers && isSound(kind, decided())) return SIGNAL_KINDS[kind]!;
    const result = this.result();
    if (result.type === "Faulted") return "fault";
    this.#memory = result.memory;
    return result.signal.kind;
  }

  /** All of the last decision, until the sandbox decides again. */
  result(): DecisionResult {
    const { slot, version, image, decided } = this.#parts;
    const request = { slot, version, frame: this.frame, memory: this.#remembered };
    return resultOf(request, decided().answer(), image.origin);
  }
}

function isSound(kind: number, { probability, limit }: Decider): boolean {
  const signal = SIGNAL_KINDS[kind];
  if (signal === "hold" || signal === "exit") return true;
  return signal !== undefined && isShare(probability) && (Number.isNaN(limit) || isShare(limit));
}
