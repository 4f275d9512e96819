// Which decisions a replay is about, from the command line: exactly one way to say so.
import type { DatabaseSync } from "node:sqlite";
import { UserError } from "../../engine/base/errors.ts";
import type { SlotId } from "../../engine/base/ids.ts";
import { parseDecisionId } from "../../engine/journal/decision-id.ts";
import { findTrade } from "../audit/trade-name.ts";

export interface SelectionFlags {
  readonly decision?: string;
  readonly trade?: string;
  readonly cycle?: number;
  readonly since?: number;
  readonly all?: boolean;
  readonly whatIf?: string;
}

interface DecisionName {
  readonly slot: SlotId;
  readonly cycle: number;
}

export type Selection =
  | { readonly type: "All" }
  | { readonly type: "Since"; readonly atMs: number }
  | { readonly type: "Cycle"; readonly cycle: number }
  /** `said` as typed. */
  | { readonly type: "Decisions"; readonly decisions: readonly DecisionName[]; readonly said: string };

const EXAMPLES = "--all, --since 2026-01-05, --cycle 120431, --decision BTC-5m-momentum@120431 or --trade <id>";

/** Throws a UserError when none or several are named, or when the ledger does not know the trade. */
export function selectionOf(flags: SelectionFlags, db: DatabaseSync): Selection {
  const named = (["decision", "trade", "cycle", "since", "all"] as const).filter((name) => flags[name] !== undefined);
  if (named.length > 1) {
    const both = named.map((name) => `--${name}`).join(" and ");
    throw new UserError("usage", `Cannot replay: ${both} are given, expected one of them`, { hint: EXAMPLES });
  }
  if (named.length === 0 && flags.whatIf === undefined) {
    throw new UserError("usage", "Cannot replay: which decisions is not said", { hint: EXAMPLES });
  }
  const { decision, trade, cycle, since } = flags;
  if (decision !== undefined) {
    const name = parseDecisionId(decision);
    if (name !== null) return { type: "Decisions", decisions: [name], said: decision };
    throw new UserError("usage", `Cannot read "${decision}" as a decision: expected BTC-5m-momentum@120431`);
  }
  if (trade !== undefined) return { type: "Decisions", decisions: decisionsBehind(db, trade), said: trade };
  if (cycle !== undefined) return { type: "Cycle", cycle };
  return since === undefined ? { type: "All" } : { type: "Since", atMs: since };
}

/** A forced sale is no strategy's decision. */
function decisionsBehind(db: DatabaseSync, trade: string): readonly DecisionName[] {
  const { orders, decisions } = findTrade(db, trade);
  const forced = new Set(orders.filter(({ leg }) => leg === "flatten").map(({ cycle }) => cycle));
  const decided = decisions.filter(({ cycle }) => !forced.has(cycle));
  if (decided.length > 0) return decided;
  throw new UserError("usage", `Cannot replay trade "${trade}": it was sold by force, no decision is behind it`);
}
