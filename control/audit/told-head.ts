// The last row of the journal as the bot itself told it, outside of the ledger: what was cut off the end leaves a chain that is
// whole, and only whoever knows a later row can tell.
import { readFileSync } from "node:fs";
import { z } from "zod";
import type { BrokenRow, JournalHead } from "../../engine/journal/port.ts";
import { dataDirectory } from "../data-directory.ts";

const told = z.object({ journal: z.object({ seq: z.number(), cycle: z.number(), hash: z.string() }).nullable() });

/** Null where there is no status that tells it. It is written after the row is on disk. */
export function toldHead(dir: string): JournalHead | null {
  try {
    return told.parse(JSON.parse(readFileSync(dataDirectory(dir).status, "utf8"))).journal;
  } catch {
    return null;
  }
}

/** `hash`: of the row of that seq, as it is; null where there is none. Null when it is the one that was told. */
export function cutOff(head: JournalHead, last: number, hash: string | null): BrokenRow | null {
  if (hash === head.hash) return null;
  const row = { seq: hash === null ? last + 1 : head.seq, cycle: hash === null ? null : head.cycle, atMs: null };
  const written = `status.json tells of row ${head.seq} in cycle ${head.cycle}, ${head.hash.slice(0, 12)}…`;
  return { ...row, what: hash === null ? `is cut off: ${written}` : `is another: ${written}` };
}
