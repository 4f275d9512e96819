// What the ledgers of two runs say: one with hostile files, one without. Read after both have ended.
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { VICTIM_SLOT } from "./bystanders.ts";

/** By slot and cycle, everything that was decided there: strategy, signal or fault, reason, fuel, numbers. */
type Decisions = ReadonlyMap<string, ReadonlyMap<number, string>>;

/** Whether one holds a position depends on when its order came through, and one more step is taken with a position. */
const TRADES: ReadonlySet<string> = new Set(["trader"]);
const LATE = '"fault","overdue"';

export interface Evidence {
  readonly cycles: number;
  /** Cycle numbers that have no row. */
  readonly gaps: number;
  readonly heartbeats: number;
  readonly settled: number;
  readonly bystanders: Decisions;
  /** Kinds of what the victim answered, "fault" with its kind, by code version. */
  readonly victim: ReadonlyMap<string, readonly string[]>;
}

interface Row {
  readonly versions: readonly (readonly [strategy: string, code: string, params: string])[];
  readonly slots: readonly (readonly [slot: string, version: number, kind: string, detail: string, ...unknown[]])[];
}

export function readEvidence(folder: string): Evidence {
  const db = new DatabaseSync(join(folder, ".underway/underway.db"), { readOnly: true });
  const count = (sql: string) => Number(Object.values(db.prepare(sql).get()!)[0]);
  const bystanders = new Map<string, Map<number, string>>();
  const victim = new Map<string, string[]>();
  let cycles = 0;
  let last = 0;
  try {
    for (const row of db.prepare("SELECT cycle, decisions FROM cycles ORDER BY cycle").iterate()) {
      const { versions, slots } = JSON.parse(String(row.decisions)) as Row;
      cycles += 1;
      last = Number(row.cycle);
      for (const [slot, version, kind, detail, ...numbers] of slots) {
        if (slot !== VICTIM_SLOT) {
          const [strategy] = versions[version]!;
          const decided = bystanders.get(slot) ?? new Map<number, string>();
          bystanders.set(
            slot,
            decided.set(
              last,
              JSON.stringify([strategy, kind, detail, ...(TRADES.has(strategy) ? numbers.slice(1) : numbers)]),
            ),
          );
          continue;
        }
        const code = versions[version]![1].slice(0, 8);
        victim.set(code, [...(victim.get(code) ?? []), kind === "fault" ? `fault ${detail}` : kind]);
      }
    }
    return {
      cycles,
      gaps: last - cycles,
      heartbeats: count("SELECT count(*) FROM bot_state"),
      settled: count("SELECT count(*) FROM positions WHERE status = 'settled'"),
      bystanders,
      victim,
    };
  } finally {
    db.close();
  }
}

export interface Comparison {
  readonly compared: number;
  /** No answer by the deadline, as a busy machine has it too. */
  readonly late: number;
  /** For people: what was decided otherwise than without hostile files. */
  readonly different: readonly string[];
}

/** What follows a late decision is not compared: a memory is then one decision older. Nor is what is past the other's end. */
export function compare(hostile: Evidence, control: Evidence): Comparison {
  let compared = 0;
  let late = 0;
  const different: string[] = [];
  for (const [slot, decided] of hostile.bystanders) {
    const expected = control.bystanders.get(slot);
    const isOnTime = (cycle: number) => cycle === 0 || decided.get(cycle)?.includes(LATE) === false;
    for (const [cycle, decision] of decided) {
      if (!isOnTime(cycle)) late += 1;
      if (!isOnTime(cycle) || !isOnTime(cycle - 1) || cycle > control.cycles) continue;
      compared += 1;
      const without = expected?.get(cycle);
      if (decision === without) continue;
      different.push(`${slot} in cycle ${cycle}: ${decision}, without hostile files ${without ?? "nothing"}`);
    }
  }
  return { compared, late, different };
}
