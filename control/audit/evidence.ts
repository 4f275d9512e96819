// The ledger as an audit reads it, with the exchange's own books beside it.
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import type { JournalHead } from "../../engine/journal/port.ts";
import { openLedger } from "../ledger-file.ts";
import { toldHead } from "./told-head.ts";

const EXCHANGE_FILE = "exchange.db";
/** A large ledger is read several times over. */
const CACHE_KB = 128 * 1024;
const MAPPED_BYTES = 4 * 1024 ** 3;

export interface OpenEvidence {
  readonly db: DatabaseSync;
  readonly hasExchange: boolean;
  /** As it was told before that moment: what the bot has written since is no row that is missing. */
  readonly told: JournalHead | null;
}

/** Opens the ledger for an audit: read only, one moment of it, with the exchange's file beside it. */
export function openEvidence(dir: string): OpenEvidence {
  const told = toldHead(dir);
  const db = openLedger(dir, "Cannot audit");
  const exchange = join(dir, EXCHANGE_FILE);
  const hasExchange = existsSync(exchange);
  if (hasExchange) db.prepare("ATTACH ? AS exchange").run(exchange);
  db.exec(`PRAGMA cache_size = -${CACHE_KB}; PRAGMA mmap_size = ${MAPPED_BYTES}; PRAGMA temp_store = MEMORY; BEGIN`);
  db.prepare("SELECT count(*) FROM cycle_totals").get(); // The moment is the one of the first read.
  return { db, hasExchange, told };
}
