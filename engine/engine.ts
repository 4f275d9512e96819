// The one loop: an event goes in, what it caused comes out. START READING HERE.
//   feed → market → frame → decide → risk → venue → ledger
// Synchronous, without clock, randomness or IO: the same events give the same outputs, whether live, replayed or simulated.
import type { Asset } from "../dsl/asset.ts";
import { Alarms } from "./alarms.ts";
import { assert, assertNever } from "./base/assert.ts";
import type { CodeVersion, MarketId, SlotId } from "./base/ids.ts";
import { type DealContext, Dealer } from "./dealer.ts";
import type { DecisionResult } from "./decide/decision.ts";
import { decisionRows } from "./decide/decision-rows.ts";
import type { VersionFacts, VersionKey } from "./decide/version.ts";
import type { EngineEvent, EngineOutput } from "./event.ts";
import { Desk } from "./execution/desk.ts";
import { marketOfRow, marketRow } from "./execution/market-row.ts";
import { reconcile, reconcileCommand } from "./execution/reconciliation.ts";
import type { PullFeed } from "./feeds/port.ts";
import { FrameBuilder } from "./frame/frame-builder.ts";
import { heartbeatRow } from "./heartbeat-row.ts";
import { Latches } from "./latches.ts";
import type { MarketEvent } from "./market/event.ts";
import { CandleJournal } from "./market/history.ts";
import { MarketState } from "./market/market-state.ts";
import { Operator } from "./operator.ts";
import { Outbox } from "./outbox.ts";
import { Quarantine } from "./quarantine.ts";
import { Bars } from "./reload/bars.ts";
import { BoundaryCrossing } from "./reload/boundary.ts";
import { Candidates } from "./reload/candidates.ts";
import { Performance } from "./reload/performance.ts";
import { Receipts } from "./reload/receipts.ts";
import { ALLOWED, stricter } from "./risk/mode.ts";
import type { Mode, Settings } from "./risk/settings.ts";
import { Slots } from "./slots.ts";
import type { Recovered } from "./store/port.ts";
import { Turn } from "./turn.ts";
import type { ExecutionReport, VenueCommand } from "./venues/port.ts";
import { compareOutcome, watchFeeds } from "./watches.ts";

/** Closed windows and their orders are kept in memory this long. */
const KEPT_MS = 2 * 3_600_000;

export interface EngineOptions {
  readonly recovered: Recovered;
  readonly settings: Settings;
  readonly cycleMs: number;
  /** What the feed is made of: ticks, or closed candles of one length. */
  readonly grain: PullFeed["grain"];
  /** Candles from before the start, the longest intervals first: inputs are warm at the first cycle. */
  readonly history: Iterable<MarketEvent>;
}

export class Engine {
  readonly market: MarketState;
  readonly desk: Desk;
  readonly slots: Slots;
  readonly alarms: Alarms;
  readonly latches: Latches;
  readonly bars: Bars;
  readonly quarantine: Quarantine;
  readonly performance: Performance;
  readonly receipts: Receipts;
  readonly candidates: Candidates;
  readonly #dealer: Dealer;
  readonly #candles: CandleJournal;
  #settings: Settings;
  /** Accepted since the last boundary, oldest first: the last settings count, and every command does. */
  #pending: Extract<EngineEvent, { type: "SettingsAccepted" }>[] = [];
  readonly #operator: Operator;
  #cycle: number;
  #nowMs: number;
  #missed = 0;
  #heartbeats: number;
  #reconciled = false;
  /** Heard before the venue said what became of everything. */
  readonly #early: ExecutionReport[] = [];
  #deciding: number | null = null;
  /** The cycle whose boundary has been crossed. */
  #crossed: number;
  readonly #boundary: BoundaryCrossing;
  readonly #outbox = new Outbox();
  #venueAgrees: boolean | null = null;

  constructor({ recovered, settings, cycleMs, grain, history }: EngineOptions) {
    this.market = new MarketState(grain.type);
    this.#settings = settings;
    // A heartbeat inside a cycle is durable before the cycle's own row: its number is used up all the same.
    this.#cycle = Math.max(recovered.lastCycle?.cycle ?? 0, recovered.lastBotState?.cycle ?? 0);
    this.#nowMs = recovered.lastCycle?.atMs ?? 0;
    this.#heartbeats = recovered.lastBotState?.seq ?? 0;
    this.desk = new Desk(recovered);
    this.alarms = new Alarms(recovered.openAlarms, recovered.lastAlarmId);
    this.latches = new Latches(recovered.latches);
    this.slots = new Slots(recovered);
    this.slots.configure(settings.slots);
    this.bars = new Bars(this.latches);
    this.quarantine = new Quarantine(this);
    this.performance = new Performance(recovered.meta);
    this.receipts = new Receipts(recovered.receipts, recovered.lastReceiptNumber);
    this.candidates = new Candidates(this);
    this.#boundary = new BoundaryCrossing(this);
    this.#crossed = this.#cycle;
    const frames = new FrameBuilder(this.market, grain.type === "candles" ? grain.stepMs : 0);
    this.#dealer = new Dealer(this, frames, cycleMs);
    this.#operator = new Operator(recovered.commands, this);
    this.#candles = new CandleJournal(recovered.candles);
    for (const event of history) this.market.apply(event);
    this.#outbox.writes.push(...this.#candles.closed(this.market));
    for (const row of recovered.markets) {
      const { market, strikeE18, endE18 } = marketOfRow(row);
      this.market.list(market, strikeE18, endE18);
    }
  }

  get cycle(): number {
    return this.#cycle;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  get missed(): number {
    return this.#missed;
  }

  get heartbeats(): number {
    return this.#heartbeats;
  }

  get settings(): Settings {
    return this.#settings;
  }

  get isSending(): boolean {
    return this.#outbox.isWaiting;
  }

  get commandsDone(): Operator["done"] {
    return this.#operator.done;
  }

  /** Whether ledger and venue agreed when last compared; null before the first time. */
  get venueAgrees(): boolean | null {
    return this.#venueAgrees;
  }

  /** What is in force: the operator's wish, made stricter by latches and by a stricter wish that waits for the boundary. */
  get mode(): Mode {
    const { mode } = this.#settings;
    return this.latches.hold(stricter(mode, this.#pending.at(-1)?.settings.mode ?? mode));
  }

  /** The question a start begins with, and a heartbeat repeats. */
  reconcileCommand(): VenueCommand {
    return reconcileCommand(this.desk);
  }

  /** The ordinal of a code version, given now if it is new. */
  admit(strategy: string, code: CodeVersion): number {
    return this.slots.admit(strategy, code, this.#turn());
  }

  process(event: EngineEvent): readonly EngineOutput[] {
    const turn = this.#turn("atMs" in event ? event.atMs : this.#nowMs);
    switch (event.type) {
      case "Market":
        for (const each of event.events) this.#onMarket(each, turn);
        break;
      case "CycleOpened":
        return this.#open(event.cycle, event.atMs).outputs;
      case "BoundaryDue":
        return this.#cross(event.cycle, event.atMs).outputs;
      case "BoundaryMeasured":
        this.#boundary.measured(event.micros);
        break;
      case "CycleDue":
        return this.#startCycle(event.cycle, event.atMs);
      case "ShadowsDecided":
        this.#dealer.hearShadows(event.cycle, event.results, this.#context(), turn);
        this.#judge(event.results, turn);
        break;
      case "DecisionsMade":
        this.#onDecisions(event.cycle, event.results, turn);
        break;
      case "CommitDurable":
        this.#onDurable(event.seq, turn);
        break;
      case "Reported":
        this.#onReport(event.report, turn);
        break;
      case "CyclesMissed":
        this.#missed += event.count;
        turn.alarm(
          "missed-cycles",
          "critical",
          "bot",
          `${event.count} ${event.count === 1 ? "cycle was" : "cycles were"} due and not run`,
        );
        break;
      case "SettingsAccepted":
        this.#pending.push(event);
        break;
      case "VersionsLoaded":
        this.slots.loaded(event.versions, (ref) => this.bars.has(ref));
        break;
      case "Resumed":
      case "CandidateOffered":
      case "CandidateRefused":
      case "CandidateSuperseded":
      case "RehearsalCompleted":
        this.candidates.hear(event, turn);
        break;
      case "VersionsArmed":
        for (const { slot, key } of event.slots) this.arm(slot, key, turn);
        break;
      case "Noted":
        for (const row of event.notes) turn.write({ table: "meta", row });
        break;
      case "Heartbeat":
        this.#heartbeat(event.state, turn);
        break;
      case "Latched":
        turn.write(this.latches.set(event.kind, event.mode, event.atMs, "underway", event.reason));
        turn.alarm(event.kind, "critical", "bot", event.reason);
        break;
      case "AlarmRaised":
        turn.alarm(event.kind, event.severity, event.scope, event.message);
        break;
      case "AlarmCleared":
        turn.clearAlarm(event.kind, event.scope);
        break;
      default:
        assertNever(event, "engine event");
    }
    return turn.outputs;
  }

  #turn(nowMs = this.#nowMs): Turn {
    return new Turn(this.#cycle, nowMs, this.#outbox, this.alarms);
  }

  /** Lets a version take over at the next boundary, its inputs ready. */
  arm(id: SlotId, key: VersionKey, turn: Turn): void {
    const refusal = this.bars.refusal(this.slots.facts(key)?.ref ?? null);
    if (refusal !== null) return turn.log("warn", "version.refused", `Not armed for ${id}: ${refusal}`, { slot: id });
    const slot = this.slots.arm(id, key);
    if (slot?.armed != null) this.prepare(slot.armed, slot.settings.asset);
  }

  /** Makes the inputs of a version ready that is to decide beside, or from the next boundary on. */
  prepare(facts: VersionFacts, asset: Asset): void {
    this.#dealer.prepare(facts, asset);
  }

  #onMarket(event: MarketEvent, turn: Turn): void {
    this.market.apply(event);
    if (event.type === "MarketListed") this.#saveMarket(event.market.id, turn);
    else if (event.type === "StrikeSet") this.#saveMarket(event.market, turn);
  }

  #saveMarket(market: MarketId, turn: Turn): void {
    const window = this.market.window(market);
    if (window !== null) turn.write({ table: "markets", row: marketRow(window, this.desk.claims.of(market)) });
  }

  /** Accepted control and the boundary, then the market as it is, then the question. */
  #startCycle(cycle: number, atMs: number): readonly EngineOutput[] {
    const turn = this.#crossed < cycle ? this.#cross(cycle, atMs) : this.#turn(atMs);
    const boundary = this.#boundary.close(turn);
    if (boundary !== null) this.candidates.activated(boundary, turn);
    const ended = this.market.advance(atMs, (market) => this.desk.awaits(market));
    for (const window of ended) this.#saveMarket(window.market.id, turn);
    if (ended.length > 0) {
      // What was bought in the last cycle of its window was not asked about again.
      for (const position of this.desk.openPositions) this.performance.see(position);
      this.candidates.settled(ended, this.performance.settled(ended, turn), turn);
    }
    for (const write of this.#candles.closed(this.market)) turn.write(write);
    watchFeeds(this.market, this.#settings.risk.staleAfterMs, turn);
    if (cycle % 60 === 0) this.#housekeeping(turn);
    const context = this.#context();
    const requests = this.#dealer.ask(context, turn);
    const shadows = this.#dealer.askShadows(context, turn);
    this.#deciding = cycle;
    turn.outputs.push({ type: "DecisionsWanted", cycle, requests, shadows });
    return turn.outputs;
  }

  #open(cycle: number, atMs: number): Turn {
    assert(cycle > this.#cycle, `Cycle ${cycle} follows cycle ${this.#cycle}`);
    assert(this.#deciding === null, `Cycle ${cycle} starts while cycle ${this.#deciding} decides`);
    this.#cycle = cycle;
    this.#nowMs = atMs;
    const turn = this.#turn(atMs);
    this.#takeSettings(turn);
    this.candidates.advance(turn);
    this.#boundary.open();
    return turn;
  }

  #cross(cycle: number, atMs: number): Turn {
    const turn = this.#cycle < cycle ? this.#open(cycle, atMs) : this.#turn(atMs);
    this.#crossed = cycle;
    this.#boundary.cross();
    return turn;
  }

  #judge(results: readonly DecisionResult[], turn: Turn): void {
    for (const { key, reason } of this.quarantine.judge(results, turn)) this.candidates.barred(key, reason, turn);
  }

  #onDecisions(cycle: number, results: readonly DecisionResult[], turn: Turn): void {
    assert(this.#deciding === cycle, `Decisions for cycle ${cycle} while ${this.#deciding ?? "none"} is asked`);
    this.#deciding = null;
    this.#dealer.hear(results, this.#context(), turn); // A halt that came meanwhile holds for all of them.
    this.#judge(results, turn);
    for (const write of decisionRows(cycle, turn.nowMs, results)) turn.write(write);
    this.#commit(turn);
  }

  #context(): DealContext {
    return { settings: this.#settings, mode: this.mode, mayTrade: this.#reconciled };
  }

  #commit(turn: Turn): void {
    const batch = this.#outbox.commit();
    if (batch !== null) turn.outputs.push({ type: "Commit", batch });
  }

  #onDurable(seq: number, turn: Turn): void {
    for (const command of this.#outbox.durable(seq)) {
      if (command.type === "Submit") {
        const { clientOrderId, action } = command.order;
        const { mode } = this; // What came while the intent was being made durable holds for it too.
        if (mode === "halted" || (action === "buy" && !ALLOWED[mode].newEntries)) {
          this.desk.neverArrived(clientOrderId, turn);
          continue;
        }
        this.desk.sent(clientOrderId, turn);
      }
      turn.send(command);
    }
  }

  #onReport(report: ExecutionReport, turn: Turn): void {
    if (report.type === "Reconciled") {
      this.#onReconciled(report, turn);
      for (const early of this.#early.splice(0)) this.#onReport(early, turn);
    } else if (this.#reconciled) this.desk.apply(report, turn);
    // A market may have resolved since, and what was sold in it before is not known yet.
    else return void this.#early.push(report);
    if (report.type === "MarketResolved") compareOutcome(this.market.window(report.market), report.outcome, turn);
    for (const market of this.desk.claims.takeChanged()) this.#saveMarket(market, turn);
  }

  #onReconciled({ snapshot }: Extract<ExecutionReport, { type: "Reconciled" }>, turn: Turn): void {
    const quiet = this.desk.liveOrders.length === 0 && this.desk.claims.requested.length === 0;
    if (this.#reconciled && !quiet) return; // Money is moving: the next heartbeat asks again.
    const differences = reconcile(this.desk, snapshot, turn);
    const settledDown = this.desk.claims.requested.length === 0;
    this.#reconciled = true;
    if (!settledDown) return;
    this.#venueAgrees = differences.length === 0;
    if (this.#venueAgrees) return turn.clearAlarm("ledger-mismatch", "bot");
    const message = `Ledger and venue disagree: ${differences.join("; ")}`;
    turn.write(this.latches.set("ledger-mismatch", "entries-stopped", turn.nowMs, "underway", message));
    turn.alarm("ledger-mismatch", "critical", "bot", message);
  }

  #takeSettings(turn: Turn): void {
    for (const { settings, control, commands, author, receipt } of this.#pending.splice(0)) {
      const before = this.#settings.mode;
      this.#settings = settings;
      this.slots.configure(settings.slots);
      if (control !== null)
        turn.write({ table: "controls", row: { ...control, appliedCycle: turn.cycle, atMs: turn.nowMs } });
      if (before !== settings.mode) {
        const { mode } = this;
        turn.log("warn", "mode.changed", `Mode is ${mode} (was ${before}), by ${author}`, { mode, author });
      }
      if (receipt !== undefined)
        this.receipts.put({ ...receipt, state: "permanent", boundaryCycle: turn.cycle }, null, turn);
      for (const command of commands) this.#operator.obey(command, author, turn);
    }
  }

  #heartbeat(state: string, turn: Turn): void {
    this.#heartbeats += 1;
    turn.write(heartbeatRow(this.#heartbeats, this.mode, this.desk, state, turn));
    turn.send(this.reconcileCommand());
    this.#commit(turn);
  }

  #housekeeping(turn: Turn): void {
    this.desk.claims.retry(turn);
    this.desk.forget((market) => (this.market.window(market)?.market.closeMs ?? 0) < turn.nowMs - KEPT_MS);
    this.performance.forget((market) => (this.market.window(market)?.market.closeMs ?? 0) < turn.nowMs - KEPT_MS);
    this.#dealer.forget(this.#settings, this.candidates.inUse, turn.nowMs);
  }
}
