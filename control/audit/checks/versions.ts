// Rules of versions: whatever is named anywhere can be read again, byte for byte.
import { createHash } from "node:crypto";
import { type CodeVersion, shortVersion } from "../../../engine/base/ids.ts";
import { type Evidence, type Invariant, type SqlRule, Tally } from "../invariant.ts";

const NAMED = ["versions", "activations", "orders", "fills", "positions", "transfers", "decision_counts"] as const;

/** The code's file in the version store hashes to its name. */
export function versionInStore({ db, flawOf }: Evidence): Invariant {
  const tally = new Tally({
    id: "version-in-store",
    name: "every code that is named anywhere is in the version store, and hashes to its name",
  });
  const named = NAMED.map((table) => `SELECT DISTINCT strategy, code FROM ${table} WHERE code IS NOT NULL`);
  for (const { strategy, code } of db.prepare(named.join(" UNION ")).iterate()) {
    const flaw = flawOf(String(code));
    tally.see(flaw === null ? null : `${shortVersion(String(strategy), String(code) as CodeVersion)}: ${flaw}`);
  }
  return tally.end();
}

/** Params are canonical JSON, kept with each activation. */
export function paramsHashToTheirName({ db }: Evidence): Invariant {
  const tally = new Tally({
    id: "params-are-kept",
    name: "all params that are named anywhere are kept, and hash to their name",
  });
  const activated = new Set<unknown>();
  for (const { params, json } of db.prepare("SELECT DISTINCT params, params_json AS json FROM activations").iterate()) {
    activated.add(params);
    const actual = createHash("sha256").update(String(json)).digest("hex");
    tally.see(actual === params ? null : `params ${short(params)} are ${json}, which hashes to ${short(actual)}`);
  }
  const traded = NAMED.filter((table) => table !== "versions" && table !== "activations");
  const named = traded.map((table) => `SELECT DISTINCT params FROM ${table} WHERE params IS NOT NULL`);
  for (const { params } of db.prepare(named.join(" UNION ")).iterate()) {
    tally.see(activated.has(params) ? null : `params ${short(params)} were never activated`);
  }
  return tally.end();
}

const short = (hash: unknown): string => String(hash).slice(0, 8);

const numbered = (table: string): string =>
  `SELECT DISTINCT '${table}' AS place, strategy, code, ordinal FROM ${table}`;

export const ordinalsNameOneVersion: SqlRule = {
  id: "ordinals-name-one-version",
  name: "ordinals count up from 1 for each strategy, and name the same code everywhere",
  checked: "SELECT count(*) FROM versions",
  wrong: `SELECT printf('%s v%d is missing', strategy, ordinal - 1) AS what FROM versions v WHERE ordinal > 1
      AND NOT EXISTS (SELECT 1 FROM versions b WHERE b.strategy = v.strategy AND b.ordinal = v.ordinal - 1)
    UNION ALL SELECT printf('%s@%.8s is v%d in %s', n.strategy, n.code, n.ordinal, n.place)
    FROM (${["activations", "orders", "positions"].map(numbered).join(" UNION ALL ")}) n
      LEFT JOIN versions v USING (strategy, code) WHERE v.ordinal IS NOT n.ordinal`,
};
