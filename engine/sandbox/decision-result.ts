// The host's own check of what came out of a sandbox: whatever code runs in there, only a sound signal leaves here.
import { assert } from "../base/assert.ts";
import {
  type DecisionRequest,
  type DecisionResult,
  type Fault,
  type FaultKind,
  MEMORY_BYTES_MAX,
  REASON_MAX,
  type Signal,
} from "../decide/decision.ts";
import { type Answer, IN_MIGRATE, NO_SIGNAL, SEPARATOR } from "./decide.ts";
import { FUEL_MAX } from "./instance.ts";
import { type BundleOrigin, sourcePosition, whereOf } from "./source-position.ts";
import { plainLine, thrownWords } from "./thrown-words.ts";

/** In the order of their numbers in an answer. */
export const SIGNAL_KINDS = ["hold", "up", "down", "exit"] as const;
const decoder = new TextDecoder();

export function resultOf(request: DecisionRequest, answer: Answer, origin: BundleOrigin): DecisionResult {
  if (!(answer.kind >= 0)) return faulted(request, faultOf(answer, origin), answer.fuel);
  const separator = answer.text.indexOf(SEPARATOR);
  const kind = SIGNAL_KINDS[answer.kind];
  if (separator === -1 || kind === undefined)
    return faulted(request, noPlace("host", "the sandbox answered nonsense"), answer.fuel);
  if (separator > MEMORY_BYTES_MAX) {
    const message = `memory is ${separator} bytes of JSON, expected at most ${MEMORY_BYTES_MAX}`;
    return faulted(request, noPlace("memory", message), answer.fuel);
  }
  const memory = separator === 0 ? request.memory : decoder.decode(answer.text.subarray(0, separator));
  const reason = plainLine(decoder.decode(answer.text.subarray(separator + 1)), "", REASON_MAX);
  const signal = signalOf(kind, answer, reason);
  if (signal === null || !isJson(memory)) {
    return faulted(request, noPlace("output", "the signal's numbers or memory are not sound"), answer.fuel);
  }
  return { type: "Decided", slot: request.slot, version: request.version, signal, memory, fuel: answer.fuel };
}

export const faulted = ({ slot, version }: DecisionRequest, fault: Fault, fuel = 0): DecisionResult => ({
  type: "Faulted",
  slot,
  version,
  fault,
  fuel,
});

export const noPlace = (kind: FaultKind, message: string): Fault => ({ kind, message, where: null, frame: null });

function signalOf(kind: Signal["kind"], { probability, limit }: Answer, reason: string): Signal | null {
  if (kind === "hold" || kind === "exit") return { kind, reason };
  if (!isShare(probability) || !(Number.isNaN(limit) || isShare(limit))) return null;
  return { kind, probability, limit: Number.isNaN(limit) ? null : limit, reason };
}

export const isShare = (value: number): boolean => value > 0 && value < 1;

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

export function faultOf(answer: Answer, origin: BundleOrigin): Fault {
  if (answer.kind <= -IN_MIGRATE) {
    const fault = faultOf({ ...answer, kind: answer.kind + IN_MIGRATE }, origin);
    return { ...fault, message: `migrate: ${fault.message}` };
  }
  const { words, stack } = thrownWords(decoder.decode(answer.text));
  const position = sourcePosition(stack, origin);
  const where = position === null ? null : whereOf(position);
  const fault = { where, frame: position?.frame ?? null };
  switch (answer.kind) {
    case NO_SIGNAL.fuel: {
      // QuickJS notes places of calls and property reads, not of loops: the innermost loop may begin a line further on.
      const spent = `ran out of fuel: more than ${FUEL_MAX} ticks in one decision, spent at or after this place`;
      return { kind: "fuel", message: spent, ...fault };
    }
    case NO_SIGNAL.memory:
      return { kind: "memory", message: words, ...fault };
    case NO_SIGNAL.output:
      return { kind: "output", message: words, ...fault };
    case NO_SIGNAL.threw:
      return { kind: "threw", message: words, ...fault };
    default:
      assert(answer.kind === NO_SIGNAL.host || Number.isNaN(answer.kind), `Unknown answer ${answer.kind}`);
      return { kind: "host", message: words, ...fault };
  }
}
