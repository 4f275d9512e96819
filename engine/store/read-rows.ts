// Reads rows as their types say: the columns come from the schema, so the cast at the end states what the schema guarantees.
import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import { assert } from "../base/assert.ts";
import { SCHEMA } from "./schema.ts";
import { selectSql } from "./table-spec.ts";
import type { TableName, Tables } from "./tables.ts";

/** `clause` is what follows FROM table: WHERE, ORDER BY. More than `rowsMax` rows are a broken assumption, not a long answer. */
export function readRows<T extends TableName>(
  db: DatabaseSync,
  table: T,
  clause: string,
  rowsMax: number,
  ...values: readonly SQLInputValue[]
): Tables[T][] {
  const rows = readNewest(db, table, clause, rowsMax + 1, ...values);
  assert(rows.length <= rowsMax, `More than ${rowsMax} rows of ${table} ${clause}`);
  return rows;
}

/** At most `rowsMax` rows, in the order of `clause`. */
export function readNewest<T extends TableName>(
  db: DatabaseSync,
  table: T,
  clause: string,
  rowsMax: number,
  ...values: readonly SQLInputValue[]
): Tables[T][] {
  const statement = db.prepare(`${selectSql(table, SCHEMA[table])} ${clause} LIMIT ?`);
  statement.setReturnArrays(true); // A third of the time of rows as objects.
  const asRow = rowMaker(table);
  return statement.all(...values, rowsMax).map((row) => asRow(row as unknown as readonly unknown[]));
}

/** Makes a row of its column values, in the order of the schema. */
export function rowMaker<T extends TableName>(table: T): (values: readonly unknown[]) => Tables[T] {
  const fields = Object.keys(SCHEMA[table].columns);
  return (values) => {
    const row: Record<string, unknown> = {};
    for (let i = 0; i < fields.length; i++) row[fields[i]!] = values[i];
    return row as unknown as Tables[T];
  };
}
