// What the rehearsal's thread is asked and what it answers. Every request but End gets exactly one answer.
import type { UserErrorCode } from "../base/errors.ts";
import type { RehearsalOrder, RehearsalReport } from "./port.ts";

export type RehearsalRequest =
  | { readonly type: "Begin"; readonly id: number; readonly order: RehearsalOrder }
  /** Decides more of the rest, for one slice of time. */
  | { readonly type: "GoOn"; readonly id: number }
  | { readonly type: "End"; readonly id: number };

export type RehearsalAnswer =
  | { readonly type: "Begun"; readonly report: RehearsalReport; readonly isOver: boolean }
  /** Null while there is more. */
  | { readonly type: "WentOn"; readonly report: RehearsalReport | null }
  | { readonly type: "Failed"; readonly message: string; readonly code: UserErrorCode | null };
