// The name of a decision, for people and command lines: `BTC-5m-momentum@120431`, slot and cycle. There is one at most.
import type { SlotId } from "../base/ids.ts";

const DECISION_ID = /^(.+)@(\d{1,15})$/;

export const decisionId = (slot: SlotId, cycle: number): string => `${slot}@${cycle}`;

/** Null for what is not one. */
export function parseDecisionId(text: string): { readonly slot: SlotId; readonly cycle: number } | null {
  const match = DECISION_ID.exec(text);
  return match === null ? null : { slot: match[1] as SlotId, cycle: Number(match[2]) };
}
