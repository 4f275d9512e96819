// Edits to a bot that trades: one after the other in each strategy, the next one as soon as the last one decides.
import { setTimeout as pause } from "node:timers/promises";
import type { Receipt } from "../../../engine/reload/receipt.ts";
import type { ReloadLedger } from "./ledger.ts";
import { saveEdit } from "./workspace.ts";

const LOOK_EVERY_MS = 15;
/** A reload takes a fraction of a second: what takes this long is lost. */
const RELOAD_MS_MAX = 30_000;
const LIVE: ReadonlySet<Receipt["state"]> = new Set(["active", "permanent"]);

export interface StormReload {
  readonly strategy: string;
  readonly edit: number;
  readonly code: string;
  /** From the rename of the file to the moment at which the next boundary would take it. */
  readonly savedToArmedMs: number;
  readonly boundaryMicros: number;
}

interface Waiting {
  readonly strategy: string;
  readonly edit: number;
  readonly savedMs: number;
}

/** Numbers edits on from `firstEdit`. Throws when an edit is refused, or does not come to decide. */
export async function storm(
  folder: string,
  ledger: ReloadLedger,
  strategies: readonly string[],
  edits: number,
  firstEdit: number,
  progress: (done: number) => void,
): Promise<StormReload[]> {
  const done: StormReload[] = [];
  const waiting = new Map<string, Waiting>();
  let edit = firstEdit;
  let seen = ledger.lastReceipt();
  const save = (strategy: string) => {
    if (edit === firstEdit + edits) return void waiting.delete(strategy);
    waiting.set(strategy, { strategy, edit, savedMs: Date.now() });
    saveEdit(folder, strategy, edit++);
  };
  for (const strategy of strategies) save(strategy);
  while (waiting.size > 0) {
    await pause(LOOK_EVERY_MS);
    const receipts = ledger.receiptsAfter(seen);
    for (const receipt of receipts) {
      const saved = waiting.get(receipt.strategy);
      if (receipt.state === "rejected") throw new Error(`An edit was refused: ${receipt.reasons.join("; ")}`);
      if (saved === undefined || !LIVE.has(receipt.state) || receipt.boundaryUs === null) continue;
      const detectedMs = Date.parse(receipt.at);
      if (detectedMs < saved.savedMs - 1) continue; // The one before it.
      done.push({
        strategy: receipt.strategy,
        edit: saved.edit,
        code: receipt.code!,
        savedToArmedMs: detectedMs - saved.savedMs + (receipt.timingsMs.total ?? Number.NaN),
        boundaryMicros: receipt.boundaryUs,
      });
      progress(done.length);
      save(receipt.strategy);
    }
    // What has ended does not change any more; what waits may, so it is read again.
    const open = receipts.filter(({ state }) => state === "gated" || state === "armed" || state === "active");
    const firstOpen = open.length === 0 ? null : Math.min(...open.map(numberOf));
    if (receipts.length > 0) seen = firstOpen === null ? Math.max(...receipts.map(numberOf)) : firstOpen - 1;
    for (const { strategy, edit: late, savedMs } of waiting.values()) {
      if (Date.now() - savedMs > RELOAD_MS_MAX) throw new Error(`Edit ${late} of ${strategy} does not decide`);
    }
  }
  return done;
}

const numberOf = ({ id, strategy }: Receipt): number => Number(id.slice(strategy.length + 1));
