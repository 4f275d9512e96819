// How a table is written down once: its SQL, the statement that writes it and the one that reads it all come from one record
// that is typed against the row. A field that is added, renamed or made nullable in tables.ts is a compile error in schema.ts.
import type { TableName } from "./tables.ts";

type Affinity<V> = NonNullable<V> extends number ? "INTEGER" | "REAL" : "TEXT";

/** SQL of one column after its name; `@` stands for that name. NOT NULL where, and only where, the field is never null. */
type Column<V> = null extends V
  ? Affinity<V> | `${Affinity<V>} ${"CHECK" | "REFERENCES"} ${string}`
  : `${Affinity<V>} NOT NULL` | `${Affinity<V>} NOT NULL CHECK ${string}`;

export interface TableSpec<Row> {
  /** Empty for a table that is only ordered by insertion. */
  readonly key: readonly (keyof Row & string)[];
  /** insert: a key is written once, a second time is a bug. upsert: replaces. add: adds every column outside the key. */
  readonly write: "insert" | "upsert" | "add";
  readonly columns: { readonly [C in keyof Row]-?: Column<Row[C]> };
  /** Rows are stored in the order of the key: for tables that are read by ranges of it. */
  readonly clustered?: true;
  /** Table constraints, in SQL names. */
  readonly rules?: readonly string[];
  /** Indexes and triggers. */
  readonly also?: readonly string[];
}

export const sqlName = (field: string): string => field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const list = (names: readonly string[]): string => names.map(sqlName).join(", ");

type AnySpec = Omit<TableSpec<unknown>, "key" | "columns"> & {
  readonly key: readonly string[];
  readonly columns: { readonly [field: string]: string };
};

export function createSql(table: TableName, spec: AnySpec): string {
  const columns = Object.entries(spec.columns).map(
    ([field, sql]) => `${sqlName(field)} ${sql.replaceAll("@", sqlName(field))}`,
  );
  const key = spec.key.length === 0 ? [] : [`PRIMARY KEY (${list(spec.key)})`];
  const body = [...columns, ...key, ...(spec.rules ?? [])].join(",\n  ");
  return [
    `CREATE TABLE ${table} (\n  ${body}\n) STRICT${spec.clustered ? ", WITHOUT ROWID" : ""}`,
    ...(spec.also ?? []),
  ]
    .map((sql) => `${sql};\n`)
    .join("");
}

/** One `?` a column, in the order of `columns`. */
export function writeSql(table: TableName, spec: AnySpec): string {
  const fields = Object.keys(spec.columns);
  const insert = `INSERT INTO ${table} (${list(fields)}) VALUES (${fields.map(() => "?").join(", ")})`;
  if (spec.write === "insert") return insert;
  const changes = fields
    .filter((field) => !spec.key.includes(field))
    .map(sqlName)
    .map((name) => `${name} = ${spec.write === "add" ? `${name} + ` : ""}excluded.${name}`);
  return `${insert} ON CONFLICT (${list(spec.key)}) DO UPDATE SET ${changes.join(", ")}`;
}

export const selectSql = (table: TableName, spec: AnySpec): string =>
  `SELECT ${list(Object.keys(spec.columns))} FROM ${table}`;
