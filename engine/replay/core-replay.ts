// Lives a bot's life again: a fresh core on an empty ledger is told what the journal says the other one was told. It must ask
// the same questions, with the same numbers, and write the same rows; in the end its ledger is the bot's, byte for byte.
import { canonicalJson, type Json } from "../base/canonical-json.ts";
import type { DecisionRequest } from "../decide/decision.ts";
import { Engine } from "../engine.ts";
import type { EngineEvent, EngineOutput } from "../event.ts";
import { decisionId } from "../journal/decision-id.ts";
import {
  JOURNALED,
  type JournalRow,
  type RecordedDecision,
  type RecordedEvent,
  type Started,
} from "../journal/port.ts";
import { candleEvents } from "../market/history.ts";
import type { Batch } from "../store/port.ts";
import type { SqliteStore } from "../store/sqlite-store.ts";
import type { Write } from "../store/tables.ts";

/** Why the life that is lived again went no further; in words for people. */
export type CoreReplayStop =
  /** At this row it went another way. */
  | { readonly type: "Diverged"; readonly seq: number; readonly cycle: number; readonly what: string }
  | { readonly type: "NotReplayable"; readonly why: string };

export class CoreReplay {
  readonly #store: SqliteStore;
  readonly #core: string;
  #engine: Engine | null = null;
  #asked: readonly DecisionRequest[] = [];
  #commits: Batch[] = [];
  #batches = 0;
  #decisions = 0;
  #cycle = 0;

  /** `store`: a new ledger, which this fills. `core`: sha256 over the sources of the core that this is. */
  constructor(store: SqliteStore, core: string) {
    this.#store = store;
    this.#core = core;
  }

  /** Questions that came out the same, to the bit. */
  get decisions(): number {
    return this.#decisions;
  }

  /** Of the last row. */
  get cycle(): number {
    return this.#cycle;
  }

  /** Rows in order, the first one of the journal first. Null when all came out the same; else nothing more may be told. */
  take(row: JournalRow): CoreReplayStop | null {
    const { seq, cycle, events } = row;
    for (const event of events) {
      if (event.type !== "Started" || event.core === this.#core) continue;
      const why = `from row ${seq} on another core ran (${event.core.slice(0, 8)}, this is ${this.#core.slice(0, 8)})`;
      return { type: "NotReplayable", why };
    }
    this.#cycle = cycle;
    const what = this.#live(row);
    return what === null ? null : { type: "Diverged", seq, cycle, what };
  }

  /** Null, or what came out otherwise, for people. */
  #live({ events, writes }: JournalRow): string | null {
    for (const event of events) {
      const what = this.#tell(event);
      if (what !== null) return what;
    }
    const [batch, ...others] = this.#commits.splice(0);
    if (batch === undefined || others.length > 0) {
      return `${batch === undefined ? "no transaction comes" : "several transactions come"}, one is recorded`;
    }
    const what = differenceOf(batch.writes.filter(isJournaled), writes);
    if (what !== null) return what;
    this.#batches += 1;
    this.#store.gather({ seq: this.#batches, writes: batch.writes });
    this.#store.flush();
    return null;
  }

  #tell(event: RecordedEvent): string | null {
    if (event.type === "Started") return this.#start(event);
    const engine = this.#engine;
    if (engine === null) return "it does not begin with a start of the bot";
    switch (event.type) {
      case "Admitted":
        engine.admit(event.strategy, event.code);
        return null;
      case "ReceiptBegun":
        engine.receipts.nextId(event.strategy);
        return null;
      case "Decided": {
        const difference = this.#compare(event.cycle, event.decisions);
        const results = event.decisions.map(({ result }) => result);
        if (difference === null) this.#perform(engine, { type: "DecisionsMade", cycle: event.cycle, results });
        return difference;
      }
      default:
        this.#perform(engine, event);
        return null;
    }
  }

  #start({ settings, cycleMs, grain, history, candlesFromMs }: Started): null {
    const all = this.#store.recover();
    const candles = all.candles.filter(({ openMs }) => openMs >= (candlesFromMs ?? 0));
    const recovered = { ...all, candles };
    const events = history ?? candleEvents(candles);
    this.#engine = new Engine({ recovered, settings, cycleMs, grain, history: events });
    this.#asked = [];
    return null;
  }

  #perform(engine: Engine, event: EngineEvent): void {
    for (const output of engine.process(event)) this.#hear(output);
  }

  #hear(output: EngineOutput): void {
    if (output.type === "DecisionsWanted") this.#asked = output.requests;
    else if (output.type === "Commit") this.#commits.push(output.batch);
  }

  #compare(cycle: number, decisions: readonly RecordedDecision[]): string | null {
    if (this.#asked.length !== decisions.length) {
      return `${this.#asked.length} decisions asked in cycle ${cycle}, ${decisions.length} are recorded`;
    }
    for (const [index, { request: recorded }] of decisions.entries()) {
      const asked = this.#asked[index]!;
      const id = decisionId(recorded.slot, cycle);
      if (nameOf(asked) !== nameOf(recorded))
        return `decision ${id} asked of ${nameOf(asked)}, recorded ${nameOf(recorded)}`;
      const at = firstDifferent(asked.frame, recorded.frame);
      if (at !== null) {
        return `number ${at} of the frame of ${id} is ${asked.frame[at]}, recorded ${recorded.frame[at]}`;
      }
    }
    this.#decisions += decisions.length;
    return null;
  }
}

const nameOf = ({ slot, version, memory, migrateFrom }: DecisionRequest): string =>
  `${slot} ${version.code} ${version.params} v${version.ordinal} with memory ${memory}${migrateFrom === undefined ? "" : ` of ${migrateFrom}`}`;

function firstDifferent(one: Float64Array, other: Float64Array): number | null {
  const length = Math.max(one.length, other.length);
  for (let at = 0; at < length; at++) if (!Object.is(one[at], other[at])) return at;
  return null;
}

const JOURNALED_TABLES: ReadonlySet<string> = new Set(JOURNALED);
const isJournaled = ({ table }: Write): boolean => JOURNALED_TABLES.has(table);

function differenceOf(written: readonly Write[], recorded: readonly Write[]): string | null {
  for (let index = 0; index < Math.max(written.length, recorded.length); index++) {
    const [one, other] = [textOf(written[index]), textOf(recorded[index])];
    if (one !== other) return `it writes ${one}, recorded is ${other}`;
  }
  return null;
}

const textOf = (write: Write | undefined): string =>
  write === undefined ? "nothing" : `${write.table} ${canonicalJson(write.row as unknown as Json)}`;
