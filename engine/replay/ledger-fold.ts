// The ledger as the journal wrote it: the last word on every row. What the tables say otherwise was not written by the bot.
import { hash } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { canonicalJson, type Json } from "../base/canonical-json.ts";
import { JOURNALED, type JournaledWrite } from "../journal/port.ts";
import { rowMaker } from "../store/read-rows.ts";
import { SCHEMA } from "../store/schema.ts";
import { selectSql } from "../store/table-spec.ts";

export interface LedgerDifference {
  readonly table: string;
  /** `id=17`; the whole row where the table has no key. */
  readonly key: string;
  readonly what: "changed" | "missing" | "not in the journal";
}

type Table = (typeof JOURNALED)[number];

export class LedgerFold {
  /** Digest of each row by table and key: rows themselves would be the whole ledger in memory. */
  readonly #rows = new Map<Table, Map<string, string>>(JOURNALED.map((table) => [table, new Map()]));

  add(writes: readonly JournaledWrite[]): void {
    for (const { table, row } of writes) this.#rows.get(table)!.set(keyOf(table, row), digestOf(row));
  }

  /**
   * What the tables of `db` say otherwise, at most `differencesMax`. `isWhole`: the journal goes back to the first row of the
   * ledger, so that rows it does not know are differences too. Read when nothing was written since the last row that was added.
   */
  differences(db: DatabaseSync, isWhole: boolean, differencesMax: number): readonly LedgerDifference[] {
    const found: LedgerDifference[] = [];
    const report = (difference: LedgerDifference): void => {
      if (found.length < differencesMax) found.push(difference);
    };
    for (const [table, expected] of this.#rows) {
      let met = 0;
      const statement = db.prepare(selectSql(table, SCHEMA[table]));
      statement.setReturnArrays(true);
      const asRow = rowMaker(table);
      const seen = new Set<string>();
      for (const values of statement.iterate()) {
        const row = asRow(values as unknown as readonly unknown[]);
        const key = keyOf(table, row);
        const digest = expected.get(key);
        if (digest === undefined) {
          if (isWhole) report({ table, key, what: "not in the journal" });
          continue;
        }
        met += 1;
        seen.add(key);
        if (digest !== digestOf(row)) report({ table, key, what: "changed" });
      }
      if (met === expected.size) continue;
      for (const key of expected.keys()) if (!seen.has(key)) report({ table, key, what: "missing" });
    }
    return found;
  }

  get rows(): number {
    return [...this.#rows.values()].reduce((sum, { size }) => sum + size, 0);
  }
}

function keyOf(table: Table, row: object): string {
  const { key } = SCHEMA[table];
  const record = row as { readonly [field: string]: Json };
  if (key.length === 0) return canonicalJson(record);
  return key.map((field) => `${field}=${String(record[field])}`).join(" ");
}

const digestOf = (row: object): string => hash("sha256", canonicalJson(row as Json), "base64");
