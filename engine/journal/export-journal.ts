// The journal for people and their tools: one row a line, as JSON. What JSON has no word for is an object of one key:
// {"$bigint": "65404490000000000000000"}, {"$number": "NaN"}, {"$map": […]}, {"$set": […]}, {"$undefined": true}.
import { closeSync, openSync, writeSync } from "node:fs";
import type { JournalReader } from "./journal-reader.ts";

/** Throws a JournalDamaged where the chain is broken: what comes before is in the file. */
export function exportJournal(journal: JournalReader, path: string): { readonly rows: number } {
  const file = openSync(path, "w");
  let rows = 0;
  try {
    for (const row of journal.rows()) {
      writeSync(file, `${JSON.stringify(row, tagged)}\n`);
      rows += 1;
    }
  } finally {
    closeSync(file);
  }
  return { rows };
}

function tagged(_key: string, value: unknown): unknown {
  switch (typeof value) {
    case "bigint":
      return { $bigint: String(value) };
    case "undefined":
      return { $undefined: true };
    case "number":
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : { $number: Object.is(value, -0) ? "-0" : String(value) };
    default:
      if (value instanceof Map) return { $map: [...value] };
      if (value instanceof Set) return { $set: [...value] };
      return value instanceof Float64Array ? [...value] : value;
  }
}
