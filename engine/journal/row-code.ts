// One row of the journal: an entry and the rows that were written of it, as bytes and back. Rows come in groups: the first of a
// group, its key row, is read by itself, and each other after those before it.
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { AssertionFailed, assertNever } from "../base/assert.ts";
import type { DecisionResult } from "../decide/decision.ts";
import { ByteReader } from "./byte-reader.ts";
import { DecisionMemory } from "./decision-code.ts";
import { readMarketEvent, writeMarketEvent } from "./market-code.ts";
import { MarketMemory } from "./market-memory.ts";
import type { JournalEntry, JournaledWrite, RecordedDecision, RecordedEvent, Started } from "./port.ts";
import { ValueReader, ValueWriter } from "./value-code.ts";

/** The first byte of a row. Another layout, of frames' facts too, is another version. */
export const FORMAT_VERSION = 1;
const HEAD_BYTES = 2;

// The second byte.
const PLAIN = 0;
const DEFLATED = 1;

/** Smaller rows are nearly all numbers that nothing can be taken from. */
const DEFLATED_BYTES_MIN = 1_536;
/** A row has a million events at most, and a start of the bot with all its history. */
const INFLATED_BYTES_MAX = 512 * 1024 * 1024;

// What an event is. Others are written as they are.
const OTHER = 0;
const MARKET = 1;
const CYCLE_OPENED = 2;
const BOUNDARY_DUE = 3;
const CYCLE_DUE = 4;
const BOUNDARY_MEASURED = 5;
const DECIDED = 6;
const SHADOWS_DECIDED = 7;
const COMMIT_DURABLE = 8;
const STARTED = 9;
const TIMED = { CycleOpened: CYCLE_OPENED, BoundaryDue: BOUNDARY_DUE, CycleDue: CYCLE_DUE } as const;

/** What both sides know of the rows of the group before. */
class RowMemory {
  readonly market = new MarketMemory();
  readonly decisions = new DecisionMemory(this.market);
  readonly shadows = new DecisionMemory(this.market);
  cycle = 0;
  commits = 0;

  forget(): void {
    this.market.forget();
    this.decisions.forget();
    this.shadows.forget();
    this.cycle = 0;
    this.commits = 0;
  }
}

export class RowEncoder {
  readonly #to = new ValueWriter();
  readonly #memory = new RowMemory();

  /** Frames are read now. */
  encode(entry: JournalEntry, writes: readonly JournaledWrite[], isKey: boolean): Buffer {
    if (isKey) {
      this.#to.forget();
      this.#to.nowMs = 0;
      this.#memory.forget();
    }
    const { bytes } = this.#to;
    bytes.clear();
    bytes.byte(FORMAT_VERSION);
    bytes.byte(PLAIN);
    bytes.count(entry.length);
    for (const event of entry) this.#event(event);
    bytes.count(writes.length);
    for (const { table, row } of writes) {
      this.#to.name(table);
      this.#to.value(row);
    }
    const plain = bytes.bytes;
    if (plain.length < DEFLATED_BYTES_MIN) return Buffer.from(plain);
    return Buffer.concat([Buffer.of(FORMAT_VERSION, DEFLATED), deflateRawSync(plain.subarray(HEAD_BYTES))]);
  }

  #event(event: RecordedEvent): void {
    const { bytes } = this.#to;
    switch (event.type) {
      case "Market":
        bytes.byte(MARKET);
        bytes.count(event.events.length);
        for (const each of event.events) writeMarketEvent(this.#to, this.#memory.market, each);
        return;
      case "CycleOpened":
      case "BoundaryDue":
      case "CycleDue":
        bytes.byte(TIMED[event.type]);
        this.#cycle(event.cycle);
        bytes.integer(event.atMs - this.#to.nowMs);
        this.#to.nowMs = event.atMs;
        return;
      case "BoundaryMeasured":
        bytes.byte(BOUNDARY_MEASURED);
        this.#cycle(event.cycle);
        return bytes.integer(event.micros);
      case "Decided":
        bytes.byte(DECIDED);
        this.#cycle(event.cycle);
        bytes.count(event.decisions.length);
        for (const each of event.decisions) this.#memory.decisions.write(this.#to, each);
        return;
      case "ShadowsDecided":
        bytes.byte(SHADOWS_DECIDED);
        this.#cycle(event.cycle);
        bytes.count(event.results.length);
        for (const each of event.results) this.#memory.shadows.writeResult(this.#to, each);
        return;
      case "CommitDurable":
        bytes.byte(COMMIT_DURABLE);
        bytes.integer(event.seq - this.#memory.commits);
        this.#memory.commits = event.seq;
        return;
      case "Started":
        bytes.byte(STARTED);
        this.#to.value({ ...event, history: null });
        bytes.count(event.history === null ? 0 : event.history.length + 1);
        for (const each of event.history ?? []) writeMarketEvent(this.#to, this.#memory.market, each);
        return;
      case "Admitted":
      case "ReceiptBegun":
      case "CyclesMissed":
      case "Reported":
      case "SettingsAccepted":
      case "VersionsLoaded":
      case "Resumed":
      case "CandidateOffered":
      case "CandidateRefused":
      case "CandidateSuperseded":
      case "RehearsalCompleted":
      case "VersionsArmed":
      case "Noted":
      case "Heartbeat":
      case "Latched":
      case "AlarmRaised":
      case "AlarmCleared":
        bytes.byte(OTHER);
        return this.#to.value(event);
      default:
        assertNever(event, "event");
    }
  }

  #cycle(cycle: number): void {
    this.#to.bytes.integer(cycle - this.#memory.cycle);
    this.#memory.cycle = cycle;
  }
}

export interface DecodedRow {
  readonly events: JournalEntry;
  readonly writes: readonly JournaledWrite[];
}

export class RowDecoder {
  readonly #from = new ValueReader(new ByteReader(new Uint8Array()));
  readonly #memory = new RowMemory();

  /** Rows of a group in order, from its key row on. Throws where it was not written so, or by a newer version, which it says. */
  decode(body: Uint8Array, isKey: boolean): DecodedRow {
    const version = body[0] ?? 0;
    if (version !== FORMAT_VERSION) {
      throw new RangeError(`its format is version ${version}, this engine reads up to ${FORMAT_VERSION}`);
    }
    const packed = body.subarray(HEAD_BYTES);
    const plain = body[1] === DEFLATED ? inflateRawSync(packed, { maxOutputLength: INFLATED_BYTES_MAX }) : packed;
    if (isKey) {
      this.#from.forget();
      this.#from.nowMs = 0;
      this.#memory.forget();
    }
    const bytes = new ByteReader(plain);
    this.#from.bytes = bytes;
    const events = this.#list(() => this.#event());
    const writes = this.#list(() => ({ table: this.#from.name(), row: this.#from.value() }) as JournaledWrite);
    if (!bytes.isAtEnd) throw new RangeError("it goes on after its end");
    return { events, writes };
  }

  #list<T>(read: () => T): T[] {
    const list: T[] = [];
    for (let left = this.#from.bytes.count(); left > 0; left--) list.push(read());
    return list;
  }

  #event(): RecordedEvent {
    const { bytes } = this.#from;
    const tag = bytes.byte();
    switch (tag) {
      case OTHER:
        return this.#from.value() as RecordedEvent;
      case MARKET:
        return { type: "Market", events: this.#list(() => readMarketEvent(this.#from, this.#memory.market)) };
      case CYCLE_OPENED:
        return { type: "CycleOpened", cycle: this.#cycle(), atMs: this.#time() };
      case BOUNDARY_DUE:
        return { type: "BoundaryDue", cycle: this.#cycle(), atMs: this.#time() };
      case CYCLE_DUE:
        return { type: "CycleDue", cycle: this.#cycle(), atMs: this.#time() };
      case BOUNDARY_MEASURED:
        return { type: "BoundaryMeasured", cycle: this.#cycle(), micros: bytes.integer() };
      case DECIDED:
        return { type: "Decided", cycle: this.#cycle(), decisions: this.#decisions() };
      case SHADOWS_DECIDED:
        return { type: "ShadowsDecided", cycle: this.#cycle(), results: this.#results() };
      case COMMIT_DURABLE:
        this.#memory.commits += bytes.integer();
        return { type: "CommitDurable", seq: this.#memory.commits };
      case STARTED: {
        const started = this.#from.value() as Started;
        const candles = bytes.count() - 1;
        if (candles < 0) return started;
        const history = Array.from({ length: candles }, () => readMarketEvent(this.#from, this.#memory.market));
        return { ...started, history };
      }
      default:
        throw new AssertionFailed(`Unhandled event ${tag}`);
    }
  }

  #cycle(): number {
    this.#memory.cycle += this.#from.bytes.integer();
    return this.#memory.cycle;
  }

  #time(): number {
    this.#from.nowMs += this.#from.bytes.integer();
    return this.#from.nowMs;
  }

  #decisions(): RecordedDecision[] {
    return this.#list(() => this.#memory.decisions.read(this.#from));
  }

  #results(): DecisionResult[] {
    return this.#list(() => this.#memory.shadows.readResult(this.#from));
  }
}
