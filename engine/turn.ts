// What the handling of one event gathers: rows to write, outputs to perform, and the moment it happens at.
import type { AlarmChange, AlarmKind, Alarms } from "./alarms.ts";
import type { SlotId } from "./base/ids.ts";
import { shortVersion } from "./base/ids.ts";
import type { VersionRef } from "./decide/version.ts";
import type { EngineOutput, LogEntry } from "./event.ts";
import type { Outbox } from "./outbox.ts";
import type { Write } from "./store/tables.ts";
import type { VenueCommand } from "./venues/port.ts";

export class Turn {
  readonly outputs: EngineOutput[] = [];
  readonly cycle: number;
  readonly nowMs: number;
  readonly #outbox: Outbox;
  readonly #alarms: Alarms;

  constructor(cycle: number, nowMs: number, outbox: Outbox, alarms: Alarms) {
    this.cycle = cycle;
    this.nowMs = nowMs;
    this.#outbox = outbox;
    this.#alarms = alarms;
  }

  write(write: Write | null): void {
    if (write !== null) this.#outbox.writes.push(write);
  }

  /** Sent only once everything written so far is on disk. */
  sendWhenDurable(command: VenueCommand): void {
    this.#outbox.commands.push(command);
  }

  send(command: VenueCommand): void {
    this.outputs.push({ type: "Send", command });
  }

  log(level: LogEntry["level"], event: string, message: string, fields: LogEntry["fields"] = {}): void {
    this.outputs.push({ type: "Logged", entry: { level, event, message, fields: { cycle: this.cycle, ...fields } } });
  }

  alarm(kind: AlarmKind, severity: "warning" | "critical", scope: string, message: string): void {
    const change = this.#alarms.raise({ kind, severity, scope, message, cycle: this.cycle, atMs: this.nowMs });
    if (!this.#tell(change)) return;
    const level = severity === "critical" ? "error" : "warn";
    this.log(level, `alarm.${kind}`, `ALARM ${kind}: ${change.row.message}`, { scope });
  }

  clearAlarm(kind: AlarmKind, scope: string): void {
    if (!this.#tell(this.#alarms.clear(kind, scope, this.nowMs))) return;
    this.log("info", `alarm.${kind}.cleared`, `Alarm ${kind} cleared`, { scope });
  }

  /** Whether there is something to announce. */
  #tell(change: AlarmChange | null): change is AlarmChange {
    if (change === null) return false;
    this.write({ table: "alarms", row: change.row });
    if (change.isAnnounced) this.outputs.push({ type: "AlarmChanged", alarm: change.row });
    return change.isAnnounced;
  }
}

/** The fields every line about a decision, order, fill or settlement carries: the logs alone tell which code made a trade. */
export const madeBy = (
  slot: SlotId,
  version: VersionRef,
): { slot: string; version: string; params: string; ordinal: number } => ({
  slot,
  version: shortVersion(version.strategy, version.code),
  params: version.params.slice(0, 8),
  ordinal: version.ordinal,
});
