// One rule that must hold whatever happened, and what checking it came to.
import type { DatabaseSync } from "node:sqlite";

const EXAMPLES_MAX = 5;

export interface Invariant {
  /** Stable, for machines. */
  readonly id: string;
  /** The rule as a sentence, for people. */
  readonly name: string;
  /** How many things were held against it; 0 where nothing could be: the note says why. */
  readonly checked: number;
  readonly violations: number;
  readonly examples: readonly string[];
  readonly note: string | null;
}

export type Rule = Pick<Invariant, "id" | "name">;

/** What an invariant is checked on. The ledger is read in one transaction, so all of it is of one moment. */
export interface Evidence {
  readonly db: DatabaseSync;
  /** Market time, ms UTC: what was decided, ordered, filled or opened in it. Sums are over all there is. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Why the code of this name cannot be trusted; null where its file is whole. */
  readonly flawOf: (code: string) => string | null;
  /** The simulated exchange's own file is attached, as `exchange`. */
  readonly hasExchange: boolean;
}

export class Tally {
  readonly #rule: Rule;
  #checked = 0;
  #violations = 0;
  readonly #examples: string[] = [];

  constructor({ id, name }: Rule) {
    this.#rule = { id, name };
  }

  /** `what`: how the rule is broken, for people; null where it holds. */
  see(what: string | null): void {
    this.#checked += 1;
    if (what !== null) this.violated(what);
  }

  count(checked: number): void {
    this.#checked += checked;
  }

  violated(what: string): void {
    this.#violations += 1;
    if (this.#examples.length < EXAMPLES_MAX) this.#examples.push(what);
  }

  /** `note`: why nothing was checked, or not all. */
  end(note: string | null = null): Invariant {
    return {
      ...this.#rule,
      checked: this.#checked,
      violations: this.#violations,
      examples: this.#examples,
      note: note ?? (this.#checked === 0 ? "nothing of the kind happened" : null),
    };
  }
}

/** A rule of rows: `checked` counts them, `wrong` selects one text, `what`, for each that breaks it. Both may name $from and $to. */
export interface SqlRule extends Rule {
  readonly checked: string;
  readonly wrong: string;
}

export function checkRows(rule: SqlRule, evidence: Evidence): Invariant {
  const { db, fromMs, toMs } = evidence;
  const tally = new Tally(rule);
  const prepare = (sql: string) => {
    const statement = db.prepare(sql);
    statement.setAllowUnknownNamedParameters(true);
    return statement;
  };
  const period = { from: fromMs, to: toMs };
  tally.count(counted(evidence, rule.checked, () => Number(Object.values(prepare(rule.checked).get(period)!)[0])));
  for (const { what } of prepare(rule.wrong).iterate(period)) tally.violated(String(what));
  return tally.end();
}

const counts = new WeakMap<Evidence, Map<string, number>>();

/** Many rules are of the same rows: those are counted once. */
function counted(evidence: Evidence, sql: string, count: () => number): number {
  const known = counts.get(evidence) ?? new Map<string, number>();
  counts.set(evidence, known);
  const rows = known.get(sql) ?? count();
  known.set(sql, rows);
  return rows;
}
