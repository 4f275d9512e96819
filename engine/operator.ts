// What an operator asks for once: a command takes effect once, ever, and what it did is recorded.
import type { Alarms } from "./alarms.ts";
import { assertNever } from "./base/assert.ts";
import type { SlotId } from "./base/ids.ts";
import type { OperatorCommand } from "./event.ts";
import type { Desk } from "./execution/desk.ts";
import { FORCED_TRIES } from "./execution/trader.ts";
import type { Latches } from "./latches.ts";
import type { MarketState } from "./market/market-state.ts";
import type { Bars } from "./reload/bars.ts";
import type { Candidates } from "./reload/candidates.ts";
import type { Slots } from "./slots.ts";
import type { CommandRow } from "./store/tables.ts";
import type { Turn } from "./turn.ts";

/** The parts of the core that a command may touch. */
export interface Commanded {
  readonly slots: Slots;
  readonly desk: Desk;
  readonly market: MarketState;
  readonly latches: Latches;
  readonly alarms: Alarms;
  readonly bars: Bars;
  readonly candidates: Candidates;
}

/** Effects shown in status; all of them stay in the store. */
const SHOWN_MAX = 50;

export class Operator {
  readonly #done = new Map<string, { readonly cycle: number; readonly effect: string }>();
  readonly #core: Commanded;

  constructor(rows: readonly CommandRow[], core: Commanded) {
    for (const { id, cycle, effect } of rows) this.#done.set(id, { cycle, effect });
    this.#core = core;
  }

  get done(): readonly { readonly id: string; readonly cycle: number; readonly effect: string }[] {
    return [...this.#done].slice(-SHOWN_MAX).map(([id, { cycle, effect }]) => ({ id, cycle, effect }));
  }

  obey(command: OperatorCommand, author: string, turn: Turn): void {
    if (this.#done.has(command.id)) return;
    const effect = this.#effectOf(command, author, turn);
    this.#done.set(command.id, { cycle: turn.cycle, effect });
    turn.write({
      table: "commands",
      row: { id: command.id, kind: command.kind, cycle: turn.cycle, effect, atMs: turn.nowMs },
    });
    turn.log("info", "command.done", `${command.kind}: ${effect}`, { id: command.id, author });
  }

  #effectOf(command: OperatorCommand, author: string, turn: Turn): string {
    const { latches, alarms, bars, candidates } = this.#core;
    switch (command.kind) {
      case "close-position":
        return this.#close(command.slot, author, turn);
      case "clear-latch": {
        const cleared = latches.clear(command.latch, turn.nowMs, author, command.reason);
        if (cleared === null) return "no such latch";
        turn.write({ table: "latches", row: cleared });
        bars.cleared(cleared, turn);
        if (cleared.kind === "disk-full") turn.clearAlarm("disk-full", "bot");
        return `latch ${command.latch} cleared`;
      }
      case "ack-alarm": {
        const acknowledged = alarms.acknowledge(command.alarm, turn.nowMs);
        turn.write(acknowledged);
        return acknowledged === null ? "no such alarm" : `alarm ${command.alarm} acknowledged`;
      }
      case "approve":
      case "reject":
      case "promote":
      case "rollback":
        return candidates.obey(command, author, turn);
      default:
        return assertNever(command, "command");
    }
  }

  #close(id: SlotId, author: string, turn: Turn): string {
    const { slots, desk, market } = this.#core;
    const slot = slots.get(id);
    if (slot === null) return "no such slot";
    const window = market.current(slot.settings.asset, slot.settings.interval, turn.nowMs);
    const position = window === null ? null : desk.position(id, window.market.id);
    if (window === null || position === null || position.sharesMicros === 0) return "nothing to close";
    slot.forced = { market: window.market.id, command: `close-position, by ${author}`, triesLeft: FORCED_TRIES };
    return `selling ${position.side} in ${window.market.id}`;
  }
}
