// The core on a real ledger, driven by hand: no threads, no clock, and a venue that says what the test says.
import { type Asset, WINDOW_MS } from "../../dsl/asset.ts";
import type { ClientOrderId, MarketId, SlotId, TradeId } from "../../engine/base/ids.ts";
import type { DecisionRequest, DecisionResult, FaultKind, Signal } from "../../engine/decide/decision.ts";
import type { VersionFacts } from "../../engine/decide/version.ts";
import { versionKey } from "../../engine/decide/version.ts";
import { Engine } from "../../engine/engine.ts";
import type { EngineEvent, EngineOutput, LogEntry, OperatorCommand } from "../../engine/event.ts";
import type { Fill } from "../../engine/execution/order.ts";
import type { Market } from "../../engine/market/market.ts";
import type { Receipt } from "../../engine/reload/receipt.ts";
import type { Settings } from "../../engine/risk/settings.ts";
import { InThreadStore } from "../../engine/store/in-thread-store.ts";
import type { Batch, Recovered } from "../../engine/store/port.ts";
import type { TableName, Tables } from "../../engine/store/tables.ts";
import type { VenueCommand, VenueOrder, VenueSnapshot } from "../../engine/venues/port.ts";
import { aMarket, aTick, NOON, opening, STRIKE, UNIT } from "./a-market.ts";
import { aQuote } from "./a-quote.ts";
import { aReceipt } from "./a-receipt.ts";
import { settingsWith } from "./settings.ts";
import { temporaryFolder } from "./temporary-folder.ts";
import { versionFacts } from "./version-facts.ts";

export const SLOT = "BTC-5m-momentum" as SlotId;
export const CASH = 1_000 * UNIT;
const CYCLE_MS = 1_000;

/** Each as it is written, without the id that it is given here. */
type Command = OperatorCommand extends infer Each ? (Each extends OperatorCommand ? Omit<Each, "id"> : never) : never;

export type Answer = Signal | { readonly signal: Signal; readonly memory: string } | "fault" | FaultKind;
/** By slot, or by the digit that a version's code is made of. */
export type Answers = { readonly [slotOrCode: string]: Answer };

export const up = (probability = 0.7, limit: number | null = null): Signal => ({
  kind: "up",
  probability,
  limit,
  reason: "edge",
});
export const down = (probability = 0.7): Signal => ({ kind: "down", probability, limit: null, reason: "edge" });
export const hold: Signal = { kind: "hold", reason: "no edge" };
export const exit: Signal = { kind: "exit", reason: "enough" };

export interface CoreOptions {
  readonly dir?: string;
  readonly settings?: Settings;
}

/** Opens the ledger and the core on it, as a start of the bot does. Nothing is reconciled, listed or armed yet. */
export async function openCore({
  dir = temporaryFolder(),
  settings = settingsWith(),
}: CoreOptions = {}): Promise<Core> {
  let core: Core | null = null;
  const store = new InThreadStore(
    { dir },
    {
      durable: (seq) => core!.onDurable(seq),
      failed: ({ message }) => {
        throw new Error(message);
      },
    },
  );
  const recovered = await store.recover();
  const engine = new Engine({ recovered, settings, cycleMs: CYCLE_MS, grain: { type: "ticks" }, history: [] });
  core = new Core(engine, store, dir, settings, recovered);
  return core;
}

/** A core that may trade: reconciled, with every slot's noon window listed and one version deciding. */
export async function tradingCore(options: CoreOptions = {}, facts: VersionFacts = versionFacts()): Promise<Core> {
  const core = await openCore(options);
  core.reconcile();
  core.listWindows(NOON);
  core.arm(facts);
  return core;
}

export class Core {
  readonly engine: Engine;
  readonly dir: string;
  readonly sent: VenueCommand[] = [];
  readonly log: LogEntry[] = [];
  readonly outputs: EngineOutput[] = [];
  readonly writes: Batch["writes"][number][] = [];
  /** Commit, Durable, Submit, Cancel, Claim, in the order they happened. */
  readonly trace: string[] = [];
  requests: readonly DecisionRequest[] = [];
  /** What is asked beside those, and traded by nobody. */
  shadows: readonly DecisionRequest[] = [];
  /** False: the core is not told of what is durable until `flush`. */
  diskIsFast = true;
  /** False: commits are lost, as they are when the process dies first. */
  diskIsThere = true;
  /** Where commands go, besides into `sent`. */
  toVenue: (command: VenueCommand) => void = () => {};
  #settings: Settings;
  readonly #store: InThreadStore;
  readonly #recovered: Recovered;
  readonly #waiting: number[] = [];
  #trades = 0;
  #commands = 0;

  constructor(engine: Engine, store: InThreadStore, dir: string, settings: Settings, recovered: Recovered) {
    this.engine = engine;
    this.#store = store;
    this.dir = dir;
    this.#settings = settings;
    this.#recovered = recovered;
  }

  post(event: EngineEvent): void {
    for (const output of this.engine.process(event)) {
      this.outputs.push(output);
      if (output.type === "DecisionsWanted") {
        this.requests = output.requests;
        this.shadows = output.shadows;
      } else if (output.type === "Logged") this.log.push(output.entry);
      else if (output.type === "Send") {
        this.sent.push(output.command);
        this.trace.push(output.command.type);
        this.toVenue(output.command);
      } else if (output.type === "Commit") {
        this.writes.push(...output.batch.writes);
        this.trace.push("Commit");
        if (this.diskIsThere) this.#store.commit(output.batch);
      }
    }
  }

  onDurable(seq: number): void {
    this.#waiting.push(seq);
    if (this.diskIsFast) this.flush();
  }

  /** Tells the core that what was committed is on disk. */
  flush(): void {
    for (const seq of this.#waiting.splice(0)) {
      this.trace.push("Durable");
      this.post({ type: "CommitDurable", seq });
    }
  }

  /** The process dies here and starts again on the same ledger: what was not committed is lost. */
  async restart(settings = this.#settings): Promise<Core> {
    await this.close();
    return openCore({ dir: this.dir, settings });
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  listWindows(openMs: number, changes: Partial<Market> = {}): void {
    for (const { asset, interval } of this.engine.settings.slots) {
      if (openMs % WINDOW_MS[interval] === 0)
        this.post({ type: "Market", events: opening(aMarket({ asset, interval, openMs }, changes)) });
    }
  }

  /** Admits and loads the version, which gives it its ordinal, and arms it: by default for all slots of its strategy. */
  arm(facts: VersionFacts, slots?: readonly SlotId[]): VersionFacts {
    const numbered = this.load(facts);
    const key = versionKey(facts.ref);
    this.post({
      type: "VersionsArmed",
      slots: (slots ?? this.#slotsOf(facts.ref.strategy)).map((slot) => ({ slot, key })),
    });
    return numbered;
  }

  load(facts: VersionFacts): VersionFacts {
    const ordinal = this.engine.admit(facts.ref.strategy, facts.ref.code);
    const numbered = { ...facts, ref: { ...facts.ref, ordinal } };
    this.post({ type: "VersionsLoaded", versions: [numbered] });
    return numbered;
  }

  /** A save that was rehearsed comes to the gate: by default one version for all slots of its strategy. Returns its id. */
  offer(
    facts: VersionFacts,
    changes: Partial<Receipt> = {},
    others: { readonly [slot: string]: VersionFacts } = {},
  ): string {
    const { strategy } = facts.ref;
    const versions = this.#slotsOf(strategy).map((slot) => ({ slot, facts: this.load(others[slot] ?? facts) }));
    const slots = versions.map(({ slot, facts }) => ({ slot, key: versionKey(facts.ref) }));
    const id = this.engine.receipts.nextId(strategy);
    const told = { slots: slots.map(({ slot }) => slot), ...changes };
    const receipt = aReceipt(
      id,
      versions.map(({ facts }) => facts),
      told,
    );
    this.post({ type: "CandidateOffered", receipt, slots });
    return id;
  }

  /** A save that did not come to the gate. */
  refuse(facts: VersionFacts, reason = "it does not load"): string {
    const id = this.engine.receipts.nextId(facts.ref.strategy);
    const ended = { state: "rejected", stage: "loaded", reasons: [reason] } as const;
    this.post({ type: "CandidateRefused", receipt: aReceipt(id, [facts], ended) });
    return id;
  }

  /** What decided before the restart is armed again, and can be gone back to: of these versions, those that the ledger names. */
  resume(...versions: readonly VersionFacts[]): void {
    const { activations } = this.#recovered;
    const { bars } = this.engine;
    const rows = activations.filter((row) => !bars.isQuarantined(row));
    const known = (row: (typeof rows)[number]) => versions.find(({ ref }) => versionKey(ref) === versionKey(row));
    for (const facts of new Set(rows.flatMap((row) => known(row) ?? []))) this.load(facts);
    const last = new Map(activations.map((row) => [row.slot, row]));
    const slots = [...last].flatMap(([slot, row]) =>
      known(row) === undefined || bars.has(row) ? [] : [{ slot, key: versionKey(row) }],
    );
    this.post({ type: "VersionsArmed", slots });
    this.post({ type: "Resumed" });
  }

  #slotsOf(strategy: string): SlotId[] {
    return this.engine.settings.slots.filter((slot) => slot.strategy === strategy).map(({ id }) => id);
  }

  /** Fresh prices and quotes on every asset at `second` after noon. */
  feed(second: number, price = STRIKE, quote = aQuote): void {
    const atMs = NOON + second * 1_000;
    for (const { asset, interval } of this.engine.settings.slots) {
      const window = this.engine.market.current(asset, interval, atMs);
      const quoted = window === null ? [] : [{ type: "Quoted", market: window.market.id, quote: quote(atMs) } as const];
      this.post({ type: "Market", events: [aTick(atMs, price, { asset }), ...quoted] });
    }
  }

  /** The boundary at `second` after noon; what it asks is in `requests`. */
  begin(second: number): void {
    this.post({ type: "CycleDue", cycle: this.engine.cycle + 1, atMs: NOON + second * 1_000 });
  }

  /** Answers what was asked, and then what was asked beside; a slot without an answer holds. */
  decide(answers: Answers = {}, beside: Answers = {}): void {
    const { cycle } = this.engine;
    const results = (requests: readonly DecisionRequest[], said: Answers) =>
      requests.map((request) => resultOf(request, said[request.slot] ?? said[request.version.code[0]!] ?? hold));
    this.post({ type: "DecisionsMade", cycle, results: results(this.requests, answers) });
    if (this.shadows.length > 0) this.post({ type: "ShadowsDecided", cycle, results: results(this.shadows, beside) });
  }

  /** A whole cycle on fresh prices. */
  cycle(second: number, answers: Answers = {}, beside: Answers = {}): void {
    this.feed(second);
    this.begin(second);
    this.decide(answers, beside);
  }

  /** An operator's command, obeyed at the next boundary. Returns what it did, once that has passed. */
  command(command: Command): () => string {
    this.#commands += 1;
    const id = `op-${this.engine.cycle}-${this.#commands}`;
    this.configure({}, [{ id, ...command } as OperatorCommand]);
    return () => this.engine.commandsDone.find((done) => done.id === id)!.effect;
  }

  /** What a receipt says by now. */
  receipt(id: string): Receipt {
    const known = this.engine.receipts.get(id);
    if (known !== null) return known;
    const row = this.rows("receipts").findLast((each) => each.id === id);
    if (row === undefined) throw new Error(`${id} was not written`);
    return JSON.parse(row.body) as Receipt;
  }

  /** Codes of what was asked in the last cycle, by slot: `BTC a, ETH b`. */
  get asked(): string {
    return codesOf(this.requests);
  }

  get askedBeside(): string {
    return codesOf(this.shadows);
  }

  get submitted(): readonly VenueOrder[] {
    return this.sent.flatMap((command) => (command.type === "Submit" ? [command.order] : []));
  }

  get lastOrder(): VenueOrder {
    const order = this.submitted.at(-1);
    if (order === undefined) throw new Error("No order was sent");
    return order;
  }

  /** The venue fills the order at its limit with the exact taker fee of nothing: tests that want a fee say so. */
  fillOf(order: VenueOrder, changes: Partial<Fill> = {}): Fill {
    this.#trades += 1;
    return {
      tradeId: `t-${order.clientOrderId}-${this.#trades}` as TradeId,
      clientOrderId: order.clientOrderId,
      priceMicros: order.limitMicros,
      sharesMicros: order.sharesMicros,
      feeMicros: 0,
      liquidity: "taker",
      atMs: this.engine.nowMs,
      ...changes,
    };
  }

  fill(order: VenueOrder = this.lastOrder, changes: Partial<Fill> = {}): Fill {
    const fill = this.fillOf(order, changes);
    this.post({ type: "Reported", report: { type: "OrderFilled", fill } });
    return fill;
  }

  cancelled(clientOrderId: ClientOrderId): void {
    this.post({
      type: "Reported",
      report: { type: "OrderCanceled", clientOrderId, reason: "killed", atMs: this.engine.nowMs },
    });
  }

  resolve(market: MarketId, outcome: "up" | "down" | "void"): void {
    this.post({ type: "Reported", report: { type: "MarketResolved", market, outcome, atMs: this.engine.nowMs } });
  }

  /** The venue answers: by default exactly what the core believes, on the first day 1,000 USDC. */
  reconcile(changes: Partial<VenueSnapshot> = {}): void {
    const { desk, nowMs } = this.engine;
    const snapshot: VenueSnapshot = {
      atMs: nowMs,
      cashMicros: desk.ledger.isEmpty ? CASH : desk.ledger.balance("cash"),
      holdings: desk.openPositions.map(({ market, side, sharesMicros }) => ({ market, side, sharesMicros })),
      orders: [],
      resolutions: [],
      claims: [],
      totals: { orders: 0, fills: 0 },
      ...changes,
    };
    this.post({ type: "Reported", report: { type: "Reconciled", snapshot } });
  }

  configure(
    changes: Partial<Settings>,
    commands: readonly OperatorCommand[] = [],
    control: Tables["controls"] | null = null,
  ): void {
    this.#settings = { ...this.#settings, ...changes };
    this.post({ type: "SettingsAccepted", settings: this.#settings, control, commands, author: "ops" });
  }

  heartbeat(): void {
    this.post({ type: "Heartbeat", atMs: this.engine.nowMs, state: "{}" });
  }

  rows<T extends TableName>(table: T): Tables[T][] {
    return this.writes.flatMap((write) => (write.table === table ? [write.row as Tables[T]] : []));
  }

  get openAlarms(): readonly string[] {
    return this.engine.alarms.open.map(({ kind, scope }) => `${kind} ${scope}`);
  }
}

const codesOf = (requests: readonly DecisionRequest[]): string =>
  requests.map(({ slot, version }) => `${slot.slice(0, 3)} ${version.code[0]}`).join(", ");

function resultOf({ slot, version, memory }: DecisionRequest, answer: Answer): DecisionResult {
  if (typeof answer === "string") {
    const kind = answer === "fault" ? "threw" : answer;
    const fault = { kind, message: "boom", where: null, frame: null };
    return { type: "Faulted", slot, version, fault, fuel: 1 };
  }
  const said = "signal" in answer ? answer : { signal: answer, memory };
  return { type: "Decided", slot, version, fuel: 1, ...said };
}

export const marketOf = (asset: Asset = "btc", openMs = NOON): MarketId => aMarket({ asset, openMs }).id;
