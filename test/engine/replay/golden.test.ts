// Journals of releases, with all that their decisions ran on. Each was made by `node test/fixtures/make-golden.ts` of its own release.
// One that does not come out again is a broken promise, not an old fixture.
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, onTestFinished, test } from "vitest";
import { JournalReader } from "../../../engine/journal/journal-reader.ts";
import { Replayer } from "../../../engine/replay/replayer.ts";
import { verifyVersionStore } from "../../../engine/versions/verify-version-store.ts";
import { goldenReleases, openGolden } from "../../support/golden.ts";

describe.each(goldenReleases())("the golden journal of %s", (release) => {
  test("is whole, and every decision in it comes out again, to the byte and the tick", async () => {
    const { dir, remove } = openGolden(release);
    onTestFinished(remove);
    expect(verifyVersionStore(dir)).toEqual({ files: expect.any(Number), bad: [] });
    const db = new DatabaseSync(join(dir, "underway.db"), { readOnly: true });
    onTestFinished(() => db.close());
    const reader = new JournalReader(db);
    expect(reader.verify().firstBad).toBeNull();
    const replayer = new Replayer(dir);
    const ways = new Set<string>();
    for (const { events } of reader.rows()) {
      for (const event of events) {
        if (event.type !== "Decided") continue;
        await replayer.replay(event.cycle, event.decisions);
        for (const { request, result } of event.decisions) {
          ways.add(result.type === "Decided" ? result.signal.kind : result.fault.kind);
          if (request.migrateFrom !== undefined) ways.add("migrated");
        }
      }
    }
    const report = replayer.report();
    expect(report).toEqual({ ...report, matched: report.decisions, mismatched: [] });
    expect(report.decisions).toBeGreaterThan(500);
    expect(report.versions).toBeGreaterThanOrEqual(5);
    expect([...ways].sort()).toEqual(["down", "fuel", "hold", "migrated", "output", "threw", "up"]);
  });
});
