// The ladder: what each mode still allows. Every step may do less than the one before; a latch can only make it stricter.
import { MODES, type Mode } from "./settings.ts";

export interface Allowed {
  readonly decides: boolean;
  readonly newEntries: boolean;
  readonly strategyExits: boolean;
  readonly forcedSell: boolean;
  /** Open entry orders are cancelled on reaching this mode. */
  readonly cancelsEntryOrders: boolean;
}

export const ALLOWED: Readonly<Record<Mode, Allowed>> = {
  active: { decides: true, newEntries: true, strategyExits: true, forcedSell: false, cancelsEntryOrders: false },
  "entries-stopped": {
    decides: true,
    newEntries: false,
    strategyExits: true,
    forcedSell: false,
    cancelsEntryOrders: false,
  },
  "reduce-only": { decides: true, newEntries: false, strategyExits: true, forcedSell: false, cancelsEntryOrders: true },
  flatten: { decides: false, newEntries: false, strategyExits: false, forcedSell: true, cancelsEntryOrders: true },
  halted: { decides: false, newEntries: false, strategyExits: false, forcedSell: false, cancelsEntryOrders: true },
};

export const stricter = (a: Mode, b: Mode): Mode => (MODES.indexOf(a) >= MODES.indexOf(b) ? a : b);
