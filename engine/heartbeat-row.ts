// The row that says that we live: written every half minute, whatever the sandboxes do.
import type { Desk } from "./execution/desk.ts";
import type { Mode } from "./risk/settings.ts";
import type { Write } from "./store/tables.ts";
import type { Turn } from "./turn.ts";

/** `state`: of the process, as JSON. */
export const heartbeatRow = (seq: number, mode: Mode, desk: Desk, state: string, { nowMs, cycle }: Turn): Write => ({
  table: "bot_state",
  row: {
    seq,
    atMs: nowMs,
    cycle,
    mode,
    openPositions: desk.openPositions.length,
    cashMicros: desk.ledger.balance("cash"),
    state,
  },
});
