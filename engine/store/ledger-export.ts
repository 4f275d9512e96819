// The ledger as text: one canonical JSON object a line, tables and rows in a fixed order, so equal ledgers give equal bytes.
import { closeSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { canonicalJson, type Json } from "../base/canonical-json.ts";
import { messageOf, UserError } from "../base/errors.ts";
import { rowMaker } from "./read-rows.ts";
import { SCHEMA } from "./schema.ts";
import { selectSql, sqlName } from "./table-spec.ts";

const EXPORTED = ["orders", "fills", "positions", "transfers", "markets"] as const;
type Exported = (typeof EXPORTED)[number];

/** Written at once. */
const LINES_PER_WRITE = 1_000;

/** Replaces `path`; a reader never sees half of it. */
export function exportLedger(db: DatabaseSync, path: string): { readonly rows: number } {
  const partial = `${path}.${process.pid}.tmp`;
  try {
    const file = openSync(partial, "w");
    let rows = 0;
    try {
      for (const table of EXPORTED) rows += exportTable(db, table, file);
    } finally {
      closeSync(file);
    }
    renameSync(partial, path);
    return { rows };
  } catch (error) {
    rmSync(partial, { force: true });
    throw new UserError("usage", `Cannot write export "${path}": ${messageOf(error)}`, { where: path, cause: error });
  }
}

function exportTable(db: DatabaseSync, table: Exported, file: number): number {
  const statement = db.prepare(
    `${selectSql(table, SCHEMA[table])} ORDER BY ${SCHEMA[table].key.map(sqlName).join(", ")}`,
  );
  statement.setReturnArrays(true);
  const asRow = rowMaker(table);
  let rows = 0;
  let lines: string[] = [];
  for (const values of statement.iterate()) {
    lines.push(`${canonicalJson({ table, ...asRow(values as unknown as readonly unknown[]) } as Json)}\n`);
    rows += 1;
    if (lines.length === LINES_PER_WRITE) {
      writeSync(file, lines.join(""));
      lines = [];
    }
  }
  writeSync(file, lines.join(""));
  return rows;
}
