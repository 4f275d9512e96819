// What the ledger says that was decided, beside what the journal says that was decided: written at once, kept apart.
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { decisionRows } from "../../../engine/decide/decision-rows.ts";
import type { RecordedEvent } from "../../../engine/journal/port.ts";
import { type Invariant, Tally } from "../invariant.ts";
import type { JournalWatch } from "../journal-walk.ts";

export class DecisionWatch implements JournalWatch {
  readonly #tally = new Tally({
    id: "cycles-are-what-was-journaled",
    name: "a cycle's row says what the journal says that was decided",
  });
  readonly #row: StatementSync;

  constructor(db: DatabaseSync) {
    this.#row = db.prepare("SELECT at_ms AS atMs, decisions FROM cycles WHERE cycle = ?");
  }

  event(event: RecordedEvent, isWithin: boolean): void {
    if (event.type !== "Decided" || !isWithin) return;
    const { cycle, decisions } = event;
    const kept = this.#row.get(cycle);
    if (kept === undefined) return; // Pruned by age, or newer than what is looked at.
    const results = decisions.map(({ result }) => result);
    const [expected] = decisionRows(cycle, Number(kept.atMs), results);
    const isSame = expected?.table === "cycles" && expected.row.decisions === kept.decisions;
    this.#tally.see(isSame ? null : `cycle ${cycle} is not what was decided`);
  }

  end(note: string | null): Invariant[] {
    return [this.#tally.end(note)];
  }
}
