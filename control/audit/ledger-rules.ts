// The rules of the ledger beside the rest of an audit: SQLite answers them alone, and that is half of the time it takes. Its moment
// is another one than the audit's by a cycle or two where the bot runs: each rule holds at every moment.
import { once } from "node:events";
import { startWorker } from "../../engine/node/start-worker.ts";
import type { Invariant } from "./invariant.ts";

export interface LedgerRulesOrder {
  readonly dir: string;
  readonly fromMs: number;
  readonly toMs: number;
}

export type LedgerRulesAnswer =
  | { readonly invariants: readonly Invariant[] }
  | { readonly message: string; readonly errcode: number };

/** Throws what SQLite throws, with its `errcode`. */
export async function ledgerRules(order: LedgerRulesOrder): Promise<readonly Invariant[]> {
  const worker = startWorker(new URL("./ledger-rules-worker.ts", import.meta.url), order, { name: "audit" });
  const [answer] = (await once(worker, "message")) as [LedgerRulesAnswer];
  if ("invariants" in answer) return answer.invariants;
  throw Object.assign(new Error(answer.message), { errcode: answer.errcode });
}
