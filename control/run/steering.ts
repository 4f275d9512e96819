// Follows what the operator writes: control.json and underway.config.ts. Each is taken whole or refused whole; a refusal changes
// nothing that runs, and neither does a missing file.
import { canonicalJson, type Json } from "../../engine/base/canonical-json.ts";
import type { EngineEvent } from "../../engine/event.ts";
import type { Params } from "../../engine/frame/manifest.ts";
import type { Receipt } from "../../engine/reload/receipt.ts";
import type { Settings } from "../../engine/risk/settings.ts";
import type { ControlRow } from "../../engine/store/tables.ts";
import type { Config } from "../config.ts";
import { checkAgainst, judge, type Known, readControl } from "../control-file.ts";
import { type Control, type ControlError, parseControl } from "../control-schema.ts";
import type { Conditions } from "./conditions.ts";
import { attemptConfig, CONFIG_NAME, type ConfigParts } from "./config-attempt.ts";
import { commandsOf, layControl } from "./lay-control.ts";

export interface SteeringParts {
  readonly controlPath: string;
  readonly config: ConfigParts;
  readonly conditions: Conditions;
  readonly post: (event: EngineEvent) => void;
  /** Declared params of a strategy's running version; null while none runs. */
  readonly declaredParams: (strategy: string) => readonly string[] | null;
  readonly requestReload: (strategy: string) => void;
  readonly log: (level: "info" | "warn" | "error", message: string, fields: Record<string, unknown>) => void;
}

interface Observed {
  readonly version: number | null;
  readonly digest: string | null;
  readonly result: "Ack" | "Nack" | null;
  readonly error: ControlError | null;
}

interface Accepted {
  readonly version: number;
  readonly digest: string;
  readonly control: Control;
}

export class Steering {
  readonly #parts: SteeringParts;
  #config: Config;
  #accepted: Accepted | null = null;
  #applied: { readonly version: number; readonly cycle: number; readonly control: Control } | null = null;
  #observed: Observed = { version: null, digest: null, result: null, error: null };
  #settings: Settings;
  /** Strategies with slots that the core does not have before its next boundary: nothing can be armed for these yet. */
  readonly #withNewSlots = new Set<string>();
  #lastNack = "";

  /** `stored` is the last control file that was in force: a missing file changes nothing, across a restart too. */
  constructor(config: Config, stored: ControlRow | null, parts: SteeringParts) {
    this.#config = config;
    this.#parts = parts;
    if (stored !== null) {
      const parsed = parseControl(JSON.parse(stored.content));
      if (parsed.type === "Parsed") {
        const { control } = parsed;
        this.#accepted = { version: stored.version, digest: stored.digest, control };
        this.#applied = { version: stored.version, cycle: stored.appliedCycle, control };
        this.#acknowledge(this.#accepted);
      } else this.#refuse(stored.version, stored.digest, parsed.error);
    }
    this.#settings = layControl(config.settings, this.#accepted?.control ?? null);
  }

  /** What should be in force; the core takes it at its next boundary. */
  get settings(): Settings {
    return this.#settings;
  }

  /** Where alarms are posted now; null: nowhere. */
  get webhook(): string | null {
    return this.#config.webhook;
  }

  get observed(): Observed {
    return this.#observed;
  }

  get applied(): { readonly version: number; readonly cycle: number; readonly control: Control } | null {
    return this.#applied;
  }

  /** Called once a cycle has begun with these settings. */
  inForce(settings: Settings, cycle: number): void {
    if (settings !== this.#settings) return;
    for (const strategy of this.#withNewSlots) this.#parts.requestReload(strategy);
    this.#withNewSlots.clear();
    if (this.#accepted === null || this.#applied?.version === this.#accepted.version) return;
    const { version, control } = this.#accepted;
    this.#applied = { version, cycle, control };
  }

  async lookAtControl(): Promise<void> {
    const read = judge(await readControl(this.#parts.controlPath), this.#accepted);
    switch (read.type) {
      case "Absent":
        return;
      case "Unchanged":
        return this.#acknowledge(this.#accepted!);
      case "Nack":
        return this.#refuse(read.version, read.digest, read.error);
      case "Read": {
        const error = checkAgainst(read.control, this.#known());
        if (error !== null) return this.#refuse(read.control.version, read.digest, error);
        return this.#accept({ version: read.control.version, digest: read.digest, control: read.control });
      }
    }
  }

  async lookAtConfig(): Promise<void> {
    const { conditions, log, post } = this.#parts;
    const outcome = await attemptConfig(this.#config, this.#parts.config);
    if (outcome.type === "Refused") {
      const message = outcome.receipt.reasons[0] ?? "";
      conditions.set("ConfigAccepted", "False", outcome.code, message);
      log("error", `Configuration refused: ${message}`, { event: "config.refused", receipt: outcome.receipt.id });
      return post({ type: "CandidateRefused", receipt: outcome.receipt });
    }
    this.#config = outcome.config;
    conditions.set("ConfigAccepted", "True", "Accepted", "The configuration on disk is in force");
    log("info", "Configuration accepted", { event: "config.accepted", receipt: outcome.receipt.id });
    post({ type: "CandidateSuperseded", strategy: CONFIG_NAME, by: "what is saved now" });
    this.#post(null, CONFIG_NAME, outcome.receipt);
  }

  #known(): Known {
    const { slots } = this.#config.settings;
    const strategies = new Map(
      slots.map(({ strategy }) => [strategy, { params: this.#parts.declaredParams(strategy) }]),
    );
    return { strategies, slots: new Set<string>(slots.map((slot) => slot.id)), venue: this.#config.cold.venue };
  }

  #accept(accepted: Accepted): void {
    const { version, digest, control } = accepted;
    this.#accepted = accepted;
    this.#acknowledge(accepted);
    this.#parts.log(
      "info",
      `Control ${version} accepted${control.author === undefined ? "" : `, by ${control.author}`}`,
      {
        event: "control.ack",
        controlVersion: version,
        ...(control.reason === undefined ? {} : { reason: control.reason }),
      },
    );
    const row: ControlRow = { version, digest, content: JSON.stringify(control), appliedCycle: 0, atMs: 0 };
    this.#post(row, control.author ?? "control.json");
  }

  #acknowledge({ version, digest }: Accepted): void {
    this.#observed = { version, digest, result: "Ack", error: null };
    this.#lastNack = "";
    this.#parts.conditions.set("ControlAccepted", "True", "Ack", `Version ${version} is accepted`, version);
  }

  #refuse(version: number | null, digest: string | null, error: ControlError): void {
    this.#observed = { version, digest, result: "Nack", error };
    const inForce = this.#accepted === null ? "the configuration stays" : `version ${this.#accepted.version} stays`;
    const message = `control.json refused: ${error.path} ${error.message}; ${inForce} in force`;
    this.#parts.conditions.set("ControlAccepted", "False", error.code, message, version);
    if (message === this.#lastNack) return;
    this.#lastNack = message;
    this.#parts.log("warn", message, { event: "control.nack", code: error.code, path: error.path });
  }

  #post(control: ControlRow | null, author: string, receipt?: Receipt): void {
    const before = paramsOf(this.#settings);
    const known = new Set(this.#settings.slots.map((slot) => slot.id));
    this.#settings = layControl(this.#config.settings, this.#accepted?.control ?? null);
    const commands = control === null || this.#accepted === null ? [] : commandsOf(this.#accepted.control);
    this.#parts.post({
      type: "SettingsAccepted",
      settings: this.#settings,
      control,
      commands,
      author,
      ...(receipt && { receipt }),
    });
    for (const { id, strategy } of this.#settings.slots) if (!known.has(id)) this.#withNewSlots.add(strategy);
    for (const [strategy, params] of paramsOf(this.#settings)) {
      if (before.get(strategy) !== params && !this.#withNewSlots.has(strategy)) this.#parts.requestReload(strategy);
    }
  }
}

/** Per strategy, the params of all its slots and what it is pinned to: a difference means a candidate. */
function paramsOf(settings: Settings): Map<string, string> {
  const byStrategy = new Map<string, { readonly [id: string]: Params }>();
  for (const { id, strategy, params } of settings.slots) {
    byStrategy.set(strategy, { ...byStrategy.get(strategy), [id]: params });
  }
  const { pins } = settings.reload;
  const wanted = (strategy: string, params: Json) => canonicalJson([params, pins.get(strategy) ?? null]);
  return new Map([...byStrategy].map(([strategy, params]) => [strategy, wanted(strategy, params)]));
}
