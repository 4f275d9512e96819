// Decisions as bytes and back. What a slot was asked and answered last time is known; a decision has the rest, and its digest.
import type { CodeVersion, SlotId } from "../base/ids.ts";
import type { DecisionRequest, DecisionResult, Fault, Signal } from "../decide/decision.ts";
import type { VersionRef } from "../decide/version.ts";
import { DIGEST_BYTES, decisionDigest } from "./decision-digest.ts";
import { FrameMemory } from "./frame-code.ts";
import type { MarketMemory } from "./market-memory.ts";
import type { RecordedDecision } from "./port.ts";
import type { ValueReader, ValueWriter } from "./value-code.ts";

// Bits of the first byte of a result: what it has in common with the one before.
const SAME_VERSION = 1;
const SAME_MEMORY = 2;
const SAME_REASON = 4;
const FAULTED = 8;
const KIND_SHIFT = 4;
const KINDS = ["hold", "exit", "up", "down"] as const satisfies readonly Signal["kind"][];
/** With another slot, or version, than was asked; or the memory of another version was handed over. */
const UNUSUAL = 64;
const REMEMBERED = 128;

interface SlotMemory {
  readonly slot: SlotId;
  readonly frame: FrameMemory;
  version: VersionRef | null;
  memory: string;
  reason: string;
  fuel: number;
}

/** What a request and its result have beside what is usual. */
interface Unusual {
  readonly slot: SlotId;
  readonly version: VersionRef;
  readonly migrateFrom?: CodeVersion;
}

/** What slots were asked and answered last, for both sides alike. */
export class DecisionMemory {
  readonly #market: MarketMemory;
  readonly #slots: SlotMemory[] = [];
  readonly #bySlot = new Map<SlotId, number>();

  constructor(market: MarketMemory) {
    this.#market = market;
  }

  forget(): void {
    this.#slots.length = 0;
    this.#bySlot.clear();
  }

  write(to: ValueWriter, decision: RecordedDecision): void {
    const { request, result } = decision;
    const slot = this.#writeSlot(to, request.slot);
    slot.frame.write(to, this.#market, request.frame);
    this.#writeAnswer(to, slot, request, result);
    to.bytes.raw(Buffer.from(decisionDigest(decision), "hex"));
  }

  /** Throws a RangeError where the digest is another. */
  read(from: ValueReader): RecordedDecision {
    const slot = this.#readSlot(from);
    const frame = slot.frame.read(from, this.#market);
    const { request, result } = this.#readAnswer(from, slot);
    const decision = { request: { ...request, frame }, result };
    const digest = Buffer.from(from.bytes.raw(DIGEST_BYTES)).toString("hex");
    if (digest !== decisionDigest(decision)) throw new RangeError(`the decision of ${slot.slot} has another digest`);
    return decision;
  }

  /** A result whose question is not recorded, as shadows are. */
  writeResult(to: ValueWriter, result: DecisionResult): void {
    const slot = this.#writeSlot(to, result.slot);
    const memory = slot.memory;
    this.#writeAnswer(to, slot, { slot: result.slot, version: result.version, memory }, result);
  }

  readResult(from: ValueReader): DecisionResult {
    return this.#readAnswer(from, this.#readSlot(from)).result;
  }

  #writeSlot(to: ValueWriter, slot: SlotId): SlotMemory {
    const known = this.#bySlot.get(slot);
    to.bytes.count(known === undefined ? 0 : known + 1);
    if (known !== undefined) return this.#slots[known]!;
    to.name(slot);
    return this.#meet(slot);
  }

  #readSlot(from: ValueReader): SlotMemory {
    const reference = from.bytes.count();
    if (reference === 0) return this.#meet(from.name() as SlotId);
    const slot = this.#slots[reference - 1];
    if (slot === undefined) throw new RangeError(`slot ${reference} was not named`);
    return slot;
  }

  #meet(slot: SlotId): SlotMemory {
    const met = { slot, frame: new FrameMemory(slot), version: null, memory: "null", reason: "", fuel: 0 };
    this.#bySlot.set(slot, this.#slots.length);
    this.#slots.push(met);
    return met;
  }

  #writeAnswer(
    to: ValueWriter,
    slot: SlotMemory,
    request: Omit<DecisionRequest, "frame">,
    result: DecisionResult,
  ): void {
    const isSameVersion = slot.version !== null && isSame(slot.version, request.version);
    const isSameMemory = request.memory === slot.memory;
    const { migrateFrom } = request;
    const isUnusual =
      migrateFrom !== undefined || result.slot !== request.slot || !isSame(result.version, request.version);
    const signal = result.type === "Decided" ? result.signal : null;
    const isSameReason = signal?.reason === slot.reason;
    const remembered = result.type === "Decided" && result.memory !== request.memory;
    to.bytes.byte(
      (isSameVersion ? SAME_VERSION : 0) |
        (isSameMemory ? SAME_MEMORY : 0) |
        (isSameReason ? SAME_REASON : 0) |
        (signal === null ? FAULTED : KINDS.indexOf(signal.kind) << KIND_SHIFT) |
        (isUnusual ? UNUSUAL : 0) |
        (remembered ? REMEMBERED : 0),
    );
    if (!isSameVersion) to.value(request.version);
    if (!isSameMemory) to.phrase(request.memory);
    if (isUnusual) to.value({ slot: result.slot, version: result.version, ...handed(migrateFrom) });
    to.bytes.integer(result.fuel - slot.fuel);
    slot.version = request.version;
    slot.fuel = result.fuel;
    slot.memory = request.memory;
    if (result.type === "Faulted") return to.value(result.fault);
    if (signal?.kind === "up" || signal?.kind === "down") {
      to.bytes.double(signal.probability);
      to.value(signal.limit);
    }
    if (!isSameReason) to.phrase(result.signal.reason);
    if (remembered) to.phrase(result.memory);
    slot.reason = result.signal.reason;
    slot.memory = result.memory;
  }

  #readAnswer(
    from: ValueReader,
    slot: SlotMemory,
  ): { readonly request: Omit<DecisionRequest, "frame">; readonly result: DecisionResult } {
    const head = from.bytes.byte();
    const version = (head & SAME_VERSION) !== 0 ? slot.version! : (from.value() as VersionRef);
    const memory = (head & SAME_MEMORY) !== 0 ? slot.memory : from.phrase();
    const usual: Unusual = { slot: slot.slot, version };
    const { migrateFrom, ...by } = (head & UNUSUAL) !== 0 ? (from.value() as Unusual) : usual;
    const request = { slot: slot.slot, version, memory, ...handed(migrateFrom) };
    const fuel = slot.fuel + from.bytes.integer();
    slot.version = version;
    slot.fuel = fuel;
    slot.memory = memory;
    if ((head & FAULTED) !== 0) {
      return { request, result: { type: "Faulted", ...by, fault: from.value() as Fault, fuel } };
    }
    const kind = KINDS[(head >> KIND_SHIFT) & 3]!;
    const odds =
      kind === "up" || kind === "down"
        ? { kind, probability: from.bytes.double(), limit: from.value() as number | null }
        : { kind };
    const reason = (head & SAME_REASON) !== 0 ? slot.reason : from.phrase();
    slot.reason = reason;
    if ((head & REMEMBERED) !== 0) slot.memory = from.phrase();
    return { request, result: { type: "Decided", ...by, signal: { ...odds, reason }, memory: slot.memory, fuel } };
  }
}

const handed = (migrateFrom: CodeVersion | undefined) => (migrateFrom === undefined ? {} : { migrateFrom });

const isSame = (one: VersionRef, other: VersionRef): boolean =>
  one === other ||
  (one.code === other.code &&
    one.params === other.params &&
    one.ordinal === other.ordinal &&
    one.strategy === other.strategy);
