// Reloads on a bench: a workshop and a sandbox that answer when they are told to, a clock that is moved by hand, and the
// core's own slots. A source is one letter; "x" does not compile, and what a letter becomes is a version of that code.

import { Reloads } from "../../../control/run/reloads.ts";
import { Alarms } from "../../../engine/alarms.ts";
import { canonicalJson } from "../../../engine/base/canonical-json.ts";
import type { SlotId } from "../../../engine/base/ids.ts";
import type { LoadedVersion, SandboxHost } from "../../../engine/decide/port.ts";
import { type VersionKey, type VersionRef, versionKey } from "../../../engine/decide/version.ts";
import type { EngineEvent } from "../../../engine/event.ts";
import type { Params } from "../../../engine/frame/manifest.ts";
import { Outbox } from "../../../engine/outbox.ts";
import type { SlotSettings } from "../../../engine/risk/settings.ts";
import { Tally } from "../../../engine/sandbox/tally.ts";
import { Slots } from "../../../engine/slots.ts";
import { Turn } from "../../../engine/turn.ts";
import type { Prepared, Workshop } from "../../../engine/versions/port.ts";
import { aSlot } from "../../support/settings.ts";
import { versionFacts } from "../../support/version-facts.ts";

export const STRATEGY = "momentum";
export const BROKEN = "x";
const BROKEN_AT = { file: "momentum.ts", line: 12, column: 5, message: 'Unexpected ";"', frame: "12 | = ;" };
const LONG_MS = 1_000;

/** Something that waits for its answer. */
interface Asked {
  readonly what: string;
  readonly answer: () => void;
  readonly fail: (error: Error) => void;
}

export const sized = (slot: SlotSettings, size: number): SlotSettings => ({ ...slot, params: { size } });
const sizeOf = ({ size = 0 }: Params): string => String(size);

/** Lets everything that was answered go on. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export class ReloadBench {
  readonly reloads: Reloads;
  readonly slots = new Slots([], [], []);
  readonly posted: EngineEvent[] = [];
  readonly log: string[] = [];
  readonly preparing: Asked[] = [];
  readonly installing: Asked[] = [];
  /** What the sandbox can decide with. */
  readonly images = new Set<VersionKey>();
  readonly pinned = new Set<VersionKey>();
  /** What may not decide, by name. */
  readonly quarantined = new Set<string>();
  disk = "a";
  /** As the configuration and control.json want it; the core takes it at the next boundary. */
  wanted: readonly SlotSettings[];
  cycle = 0;
  #nowMs = 0;
  #timers: { readonly atMs: number; readonly then: () => void }[] = [];

  constructor(wanted: readonly SlotSettings[] = [aSlot()]) {
    this.wanted = wanted;
    this.slots.configure(wanted);
    this.reloads = new Reloads({
      workshop: this.#workshop(),
      host: this.#host(),
      post: (event) => this.#post(event),
      admit: (strategy, code) => this.slots.admit(strategy, code, this.#turn()),
      standing: (id) => {
        const slot = this.slots.get(id);
        return { running: slot?.running?.ref ?? null, armed: slot?.armed?.ref ?? null };
      },
      slotsOf: (strategy) => this.wanted.filter((slot) => slot.strategy === strategy),
      refusal: (version) => (this.quarantined.has(nameOf(version)!) ? "it is quarantined" : null),
      log: (level, message) => void this.log.push(`${level}: ${message}`),
      monotonicMs: () => this.#nowMs,
      wallMs: () => Date.UTC(2026, 5, 8) + this.#nowMs,
      after: (ms, then) => void this.#timers.push({ atMs: this.#nowMs + ms, then }),
    });
  }

  /** A bench on which `disk` decides already. */
  static async running(disk = "a", wanted?: readonly SlotSettings[]): Promise<ReloadBench> {
    const bench = new ReloadBench(wanted);
    await bench.reload(disk);
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

  async elapse(ms: number): Promise<void> {
    this.#nowMs += ms;
    const due = this.#timers.filter(({ atMs }) => atMs <= this.#nowMs);
    this.#timers = this.#timers.filter(({ atMs }) => atMs > this.#nowMs);
    for (const { then } of due) then();
    await settle();
  }

  /** Everything under way comes to its end. */
  async finish(): Promise<void> {
    await this.elapse(LONG_MS);
    while (this.preparing.length + this.installing.length > 0) {
      for (const { answer } of [...this.preparing.splice(0), ...this.installing.splice(0)]) answer();
      await settle();
    }
  }

  boundary(): void {
    this.cycle += 1;
    this.slots.configure(this.wanted);
    const turn = this.#turn();
    this.slots.activate(turn);
    for (const output of turn.outputs) {
      if (output.type === "Activated") this.reloads.activated(output.version, output.slots.length, output.cycle);
    }
  }

  get inUse(): Set<VersionKey> {
    const refs = [...this.slots.all].flatMap(({ running, armed }) => [running, armed]);
    return new Set([...refs.flatMap((facts) => (facts === null ? [] : versionKey(facts.ref))), ...this.pinned]);
  }

  retire(): void {
    this.reloads.retire(this.inUse);
  }

  get receipt() {
    return this.reloads.receipt(STRATEGY);
  }

  running(id: SlotId = this.wanted[0]!.id): string | null {
    return nameOf(this.slots.get(id)?.running?.ref);
  }

  armed(id: SlotId = this.wanted[0]!.id): string | null {
    return nameOf(this.slots.get(id)?.armed?.ref);
  }

  #workshop(): Pick<Workshop, "prepare"> & Workshop {
    const unused = () => Promise.reject(new Error("Not on this bench"));
    return {
      prepare: (strategy, overrides) => {
        const prepared = preparedOf(strategy, this.disk, overrides);
        return ask(this.preparing, `${this.disk} ${overrides.map(sizeOf).join()}`, () => prepared);
      },
      restore: unused,
      evaluateConfig: unused,
      close: () => Promise.resolve(),
    };
  }

  #host(): SandboxHost {
    return {
      install: (version) =>
        ask(this.installing, nameOf(version.facts.ref)!, () => void this.images.add(versionKey(version.facts.ref))),
      retire: (key) => void this.images.delete(key),
      decide: () => {},
      counters: () => new Tally("bellard").counters("ready", 0),
      close: () => Promise.resolve(),
    };
  }

  #post(event: EngineEvent): void {
    this.posted.push(event);
    if (event.type === "VersionsLoaded") this.slots.loaded(event.versions, () => false);
    if (event.type === "VersionsArmed") for (const { slot, key } of event.slots) this.slots.arm(slot, key);
  }

  #turn(): Turn {
    return new Turn(this.cycle, this.#nowMs, new Outbox(), new Alarms([], 0));
  }
}

/** Code and params, one character each: "a0". */
const nameOf = (ref: VersionRef | undefined): string | null =>
  ref === undefined ? null : `${ref.code[0]}${ref.params[0]}`;

function ask<T>(waiting: Asked[], what: string, result: () => T): Promise<T> {
  return new Promise((resolve, reject) => {
    waiting.push({ what, answer: () => resolve(result()), fail: reject });
  });
}

export function preparedOf(strategy: string, source: string, overrides: readonly Params[]): Prepared {
  if (source === BROKEN) return { type: "Refused", strategy, stage: "bundled", errors: [BROKEN_AT] };
  const distinct = new Map(overrides.map((params) => [canonicalJson(params), params]));
  const loaded: LoadedVersion[] = [...distinct.values()].map((params) => ({
    facts: versionFacts({ strategy, code: source, params: sizeOf(params), ordinal: 0 }),
    image: null,
  }));
  const artifact = {
    strategy,
    code: loaded[0]!.facts.ref.code,
    entry: `${strategy}.ts`,
    sources: { [`${strategy}.ts`]: source, "shared/edge.ts": "" },
    bundle: source,
    sourceMap: "",
    analysis: { places: { reads: [], thrown: [] }, stateWrites: [] },
    digests: {},
  };
  return { type: "Prepared", artifact, loaded, timingsMs: { bundled: 12.34, loaded: 5 } };
}
