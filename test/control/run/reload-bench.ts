// Reloads on a bench: the real core, and a workshop, a type check, a rehearsal and a sandbox that answer when they are told to. A
// source is one letter, and the clock is moved by hand.
import { InstalledVersions } from "../../../control/run/installed-versions.ts";
import { Loop } from "../../../control/run/loop.ts";
import { Reloads } from "../../../control/run/reloads.ts";
import { standingIn } from "../../../control/run/standing.ts";
import { versionsInUse } from "../../../control/run/versions-in-use.ts";
import type { CodeVersion, SlotId } from "../../../engine/base/ids.ts";
import type { SandboxHost } from "../../../engine/decide/port.ts";
import { type VersionKey, versionKey } from "../../../engine/decide/version.ts";
import { Engine } from "../../../engine/engine.ts";
import type { OperatorCommand } from "../../../engine/event.ts";
import type { Rehearsal, RehearsalOrder, RehearsalReport } from "../../../engine/rehearsal/port.ts";
import type { Receipt, ReloadCause } from "../../../engine/reload/receipt.ts";
import type { ReloadSettings, Settings, SlotSettings } from "../../../engine/risk/settings.ts";
import { Tally } from "../../../engine/sandbox/tally.ts";
import type { Batch } from "../../../engine/store/port.ts";
import type { SourceError } from "../../../engine/versions/port.ts";
import { aMarket, NOON, opening } from "../../support/a-market.ts";
import { nameOf, preparedOf, reportOf, STRATEGY, typeErrorsOf } from "../../support/letter-sources.ts";
import { NOTHING_RECOVERED } from "../../support/recovered.ts";
import { aSlot, RELOAD, settingsWith } from "../../support/settings.ts";

const LONG_MS = 1_000;

/** Something that waits for its answer; without one given, what the letter deserves. */
interface Asked<T> {
  readonly what: string;
  readonly answer: (result?: T) => void;
  readonly fail: (error: Error) => void;
}

interface AskedRehearsal extends Asked<RehearsalReport> {
  readonly order: RehearsalOrder;
  isCancelled: boolean;
  /** What goes on in the background. */
  readonly rest: Asked<RehearsalReport | null>;
}

export const sized = (slot: SlotSettings, size: number): SlotSettings => ({ ...slot, params: { size } });

/** Lets everything that was answered go on. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export class ReloadBench {
  readonly engine: Engine;
  readonly reloads: Reloads;
  readonly loop: Loop;
  readonly versions: InstalledVersions;
  readonly log: string[] = [];
  readonly writes: Batch["writes"][number][] = [];
  readonly preparing: Asked<never>[] = [];
  readonly checking: Asked<readonly SourceError[]>[] = [];
  readonly rehearsing: AskedRehearsal[] = [];
  readonly installing: Asked<never>[] = [];
  /** Everything that was ever rehearsed. */
  readonly rehearsed: AskedRehearsal[] = [];
  /** What the sandbox can decide with. */
  readonly images = new Set<VersionKey>();
  /** What decided in the last cycle, by slot. */
  readonly decided = new Map<SlotId, string | null>();
  disk = "a";
  /** As the configuration and control.json want it; the core takes it at the next boundary. */
  settings: Settings;
  /** Some were not there before, and are only from the next boundary on: nothing can be armed for them yet. */
  hasNewSlots = false;
  #nowMs = 0;
  #timers: { readonly atMs: number; readonly then: () => void }[] = [];

  constructor(slots: readonly SlotSettings[] = [aSlot()], reload: Partial<ReloadSettings> = {}) {
    this.settings = settingsWith({ slots, reload: { ...RELOAD, ...reload } });
    const monotonicMs = () => this.#nowMs;
    this.engine = new Engine({
      recovered: NOTHING_RECOVERED,
      settings: this.settings,
      cycleMs: 1_000,
      grain: { type: "ticks" },
      history: [],
    });
    const host = this.#host();
    this.loop = new Loop({
      engine: this.engine,
      host,
      store: {
        commit: ({ seq, writes }: Batch) => {
          this.writes.push(...writes);
          this.loop.post({ type: "CommitDurable", seq });
        },
      } as never,
      recorder: null,
      venue: { send: () => {} } as never,
      deadlineMs: () => LONG_MS,
      observe: (output) => {
        if (output.type !== "Logged") return;
        const { level, event, message, fields } = output.entry;
        this.log.push(`${level}: ${message}`);
        if (event === "version.live") this.reloads.tookOver(String(fields.strategy));
      },
      decided: () => {},
      monotonicMs,
    });
    this.versions = new InstalledVersions(host);
    const { engine } = this;
    this.reloads = new Reloads({
      workshop: {
        prepare: (strategy, overrides) => this.#prepare(this.disk, strategy, overrides),
        restore: (code, overrides) => this.#prepare(code[0]!, STRATEGY, overrides),
        evaluateConfig: () => Promise.reject(new Error("Not on this bench")),
        close: async () => {},
      },
      types: {
        check: (_folder, entry, sources) =>
          ask(
            this.checking,
            sources[entry]!,
            (errors?: readonly SourceError[]) => errors ?? typeErrorsOf(sources[entry]),
          ),
        close: async () => {},
      },
      rehearsal: this.#rehearsal(),
      versions: this.versions,
      folder: "strategies",
      isVirtual: false,
      post: (event) => this.loop.post(event),
      admit: (strategy, code) => engine.admit(strategy, code),
      codeOf: (strategy, name) => engine.slots.codeOf(strategy, name),
      nextReceiptId: (strategy) => engine.receipts.nextId(strategy),
      stateOf: (receipt) => engine.receipts.get(receipt)?.state ?? null,
      standing: (id) => standingIn(engine, id),
      waiting: (strategy) => engine.candidates.waiting(strategy),
      settings: () => this.settings,
      terms: () => ({ sizing: this.settings.sizing, scalePpm: 0, limits: this.settings.risk, bankrollMicros: 0 }),
      slotsOf: (strategy) => this.settings.slots.filter((slot) => slot.strategy === strategy),
      isUngated: () => this.settings.reload.promotion.type === "ungated",
      refusal: (version) => engine.bars.refusal(version),
      log: (level, message) => void this.log.push(`${level}: ${message}`),
      monotonicMs,
      wallMs: () => NOON + this.#nowMs,
      after: (ms, then) => void this.#timers.push({ atMs: this.#nowMs + ms, then }),
    });
    this.#list(slots);
  }

  /** A bench on which `disk` decides already. */
  static async running(
    disk = "a",
    slots?: readonly SlotSettings[],
    reload?: Partial<ReloadSettings>,
  ): Promise<ReloadBench> {
    const bench = new ReloadBench(slots, { promotion: { type: "ungated" } });
    await bench.reload(disk);
    bench.boundary();
    bench.configure({ reload: { ...RELOAD, ...reload } });
    bench.boundary();
    return bench;
  }

  save(disk: string): void {
    this.disk = disk;
    void this.reloads.request(STRATEGY, "file");
  }

  /** From the save to what comes of it, undisturbed. */
  async reload(disk: string): Promise<void> {
    this.save(disk);
    await this.finish();
  }

  /** From something else than a save to what comes of it. */
  async attempt(cause: ReloadCause): Promise<void> {
    void this.reloads.request(STRATEGY, cause);
    await this.finish();
  }

  configure(changes: Partial<Settings>, commands: readonly OperatorCommand[] = []): void {
    const known = new Set(this.settings.slots.map(({ id }) => id));
    this.settings = { ...this.settings, ...changes };
    if (this.settings.slots.some(({ id }) => !known.has(id))) this.hasNewSlots = true;
    this.loop.post({ type: "SettingsAccepted", settings: this.settings, control: null, commands, author: "ops" });
  }

  async elapse(ms: number): Promise<void> {
    this.#nowMs += ms;
    const due = this.#timers.filter(({ atMs }) => atMs <= this.#nowMs);
    this.#timers = this.#timers.filter(({ atMs }) => atMs > this.#nowMs);
    for (const { then } of due) then();
    await settle();
  }

  /** Everything under way comes to its end, but for what is rehearsed in the background. */
  async finish(): Promise<void> {
    await this.elapse(LONG_MS);
    for (;;) {
      const asked = [this.preparing, this.checking, this.rehearsing, this.installing].flatMap((all) => all.splice(0));
      if (asked.length === 0 && this.#timers.length === 0) return;
      for (const { answer } of asked) answer();
      await this.elapse(asked.length === 0 ? LONG_MS : 0);
    }
  }

  boundary(): void {
    const known = new Set([...this.engine.slots.all].map(({ settings }) => settings.id));
    this.#list(this.settings.slots.filter(({ id }) => !known.has(id)));
    const cycle = this.engine.cycle + 1;
    const atMs = NOON + cycle * 1_000;
    this.decided.clear();
    this.hasNewSlots = false;
    this.loop.post({ type: "CycleOpened", cycle, atMs });
    this.loop.post({ type: "BoundaryDue", cycle, atMs });
    this.loop.post({ type: "CycleDue", cycle, atMs });
  }

  get inUse(): Set<VersionKey> {
    return versionsInUse(this.engine);
  }

  retire(): void {
    this.versions.retire(this.inUse);
  }

  get receipt(): Receipt | null {
    return this.engine.receipts.of(STRATEGY);
  }

  get openAlarms(): readonly string[] {
    return this.engine.alarms.open.map(({ kind, message }) => `${kind}: ${message}`);
  }

  /** States of a receipt in the order in which they were written down. */
  statesOf(id: string): string[] {
    const rows = this.writes.flatMap(({ table, row }) => (table === "receipts" && row.id === id ? [row.state] : []));
    return rows.filter((state, index) => state !== rows[index - 1]);
  }

  running(id: SlotId = this.settings.slots[0]!.id): string | null {
    return nameOf(this.engine.slots.get(id)?.running?.ref);
  }

  armed(id: SlotId = this.settings.slots[0]!.id): string | null {
    return nameOf(this.engine.slots.get(id)?.armed?.ref);
  }

  #list(slots: readonly SlotSettings[]): void {
    for (const { asset, interval } of slots)
      this.loop.post({ type: "Market", events: opening(aMarket({ asset, interval })) });
  }

  #prepare(source: string, strategy: string, overrides: Parameters<typeof preparedOf>[2]) {
    const sizes = overrides.map(({ size = 0 }) => size).join();
    return ask(this.preparing, `${source} ${sizes}`, () => preparedOf(strategy, source, overrides));
  }

  #rehearsal(): Rehearsal {
    return {
      rehearse: (order) => {
        const { code } = order.candidate[0]!.version.facts.ref;
        const [firsts, rests]: [Asked<RehearsalReport>[], Asked<RehearsalReport | null>[]] = [[], []];
        const first = ask(firsts, code[0]!, (report?: RehearsalReport) => report ?? reportOf(code[0]));
        const rest = ask(rests, code[0]!, (report?: RehearsalReport | null) => report ?? null);
        const asked: AskedRehearsal = { ...firsts[0]!, order, isCancelled: false, rest: rests[0]! };
        this.rehearsing.push(asked);
        this.rehearsed.push(asked);
        const cancel = () => {
          asked.isCancelled = true;
        };
        return { first, rest, cancel };
      },
      close: async () => {},
    };
  }

  #host(): SandboxHost {
    return {
      install: ({ facts: { ref } }) => ask(this.installing, nameOf(ref)!, () => void this.images.add(versionKey(ref))),
      retire: (key) => void this.images.delete(key),
      decide: (_cycle, requests, _ms, done, role) => {
        if (role !== "shadow") for (const { slot, version } of requests) this.decided.set(slot, nameOf(version));
        const signal = { kind: "hold", reason: "no edge" } as const;
        done(
          requests.map(({ slot, version, memory }) => ({ type: "Decided", slot, version, signal, memory, fuel: 1 })),
        );
      },
      counters: () => new Tally("bellard").counters("ready", 0),
      close: async () => {},
    };
  }
}

function ask<T, Result>(waiting: Asked<T>[], what: string, result: (answer?: T) => Result): Promise<Result> {
  return new Promise((resolve, reject) => {
    waiting.push({ what, answer: (answer) => resolve(result(answer)), fail: reject });
  });
}

/** The full hash of a letter. */
export const codeOf = (letter: string): CodeVersion => letter.repeat(64) as CodeVersion;
