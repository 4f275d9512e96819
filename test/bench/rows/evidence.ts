// What evidence costs: the journal on disk, a decision made again from it (sandbox put back before each), the whole core told its
// journal again, and the audit of a large ledger. The journal is of a real bot: sixteen slots, a simulated market, virtual time.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { auditOf } from "../../../control/audit/audit.ts";
import { openEvidence } from "../../../control/audit/evidence.ts";
import { openLedger } from "../../../control/ledger-file.ts";
import { runBot } from "../../../control/run.ts";
import { assert } from "../../../engine/base/assert.ts";
import { JournalReader } from "../../../engine/journal/journal-reader.ts";
import { replayCore } from "../../../engine/replay/replay-core.ts";
import { Replayer } from "../../../engine/replay/replayer.ts";
import { ROOT } from "../../support/bot-process.ts";
import { makeSyntheticLedger } from "../../support/synthetic-ledger.ts";
import { figured } from "../rounds.ts";
import type { Bench, Figure, Row } from "../row.ts";

const CYCLES = 1_000;
const ROUNDS = 5;
const TRADES = 100_000;
const BYTES_MAX = 1_150;
const DECISION_MICROS_MAX = 50;
const AUDIT_MS_MAX = 5_000;

export const evidence: Bench = {
  name: "evidence",
  async run(progress) {
    const folder = mkdtempSync(join(tmpdir(), "underway-bench-"));
    try {
      progress(`${CYCLES} cycles of a bot`);
      const dir = await traded(folder);
      const journal = await journalRows(dir, progress);
      progress(`a ledger of ${TRADES} trades`);
      return [...journal, await auditRow(join(folder, "large"), progress)];
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function traded(folder: string): Promise<string> {
  const dir = join(folder, "bot");
  const places = { dir, strategies: join(ROOT, "strategies"), config: join(ROOT, "underway.config.ts") };
  const world = { feed: null, data: [], asset: null, venue: null, engine: "bellard", speed: "max", seed: 1 } as const;
  const silent = process.stdout.write;
  process.stdout.write = () => true;
  try {
    await runBot({ ...world, ...places, until: { type: "Cycles", cycles: CYCLES }, exportFile: null, json: true });
  } finally {
    process.stdout.write = silent;
  }
  return dir;
}

async function journalRows(dir: string, progress: (what: string) => void): Promise<Row[]> {
  const db = openLedger(dir, "Cannot time evidence");
  const reader = new JournalReader(db);
  const bytes = Number(db.prepare("SELECT sum(length(body)) AS bytes FROM journal WHERE seq > 1").get()!.bytes);
  const times = { proven: [] as number[], read: [] as number[], replayed: [] as number[], told: [] as number[] };
  let decisions = 0;
  const time = async (into: number[], work: () => unknown): Promise<void> => {
    const startMs = performance.now();
    await work();
    into.push((performance.now() - startMs) * 1_000);
  };
  for (let round = 0; round < ROUNDS; round++) {
    progress(`round ${round + 1} of ${ROUNDS}`);
    await time(times.proven, () => assert(reader.verify().ok, "The journal that is timed is damaged"));
    await time(times.read, () => [...reader.rows()].length);
    await time(times.replayed, async () => {
      const replayer = new Replayer(dir);
      for (const { events } of reader.rows()) {
        for (const event of events) if (event.type === "Decided") await replayer.replay(event.cycle, event.decisions);
      }
      const report = replayer.report();
      assert(report.matched === report.decisions, "What is timed must come out the same");
      decisions = report.decisions;
    });
    await time(times.told, async () => assert((await replayCore(db)).type === "Matched", "The core must do the same"));
  }
  db.close();
  const each = (micros: readonly number[]): number[] => micros.map((all) => all / decisions);
  const row = (
    name: string,
    micros: readonly number[],
    budget: number | null,
    yardstick: readonly number[] | null,
  ): Row => {
    const { value, beside } = figured(each(micros));
    const ratios = yardstick === null ? {} : { "reading it": value / figured(each(yardstick)).value };
    return { name, unit: "µs", budget, figures: [figure(value, { ...beside, "decisions/s": 1e6 / value }, ratios)] };
  };
  return [
    {
      name: "journal, bytes a cycle of 16 slots",
      unit: "",
      budget: BYTES_MAX,
      figures: [figure(bytes / CYCLES, { "a decision": bytes / decisions }, {})],
    },
    row("a recorded decision, proven by its hash", times.proven, null, null),
    row("a recorded decision, read", times.read, null, null),
    row("a recorded decision, read and made again", times.replayed, DECISION_MICROS_MAX, times.read),
    row("a recorded decision, the core told again", times.told, null, times.read),
  ];
}

async function auditRow(dir: string, progress: (what: string) => void): Promise<Row> {
  await makeSyntheticLedger(dir, TRADES);
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    progress(`audit, round ${round + 1} of ${ROUNDS}`);
    const evidence = openEvidence(dir);
    const startMs = performance.now();
    const { trades, ok } = await auditOf(evidence, {
      dir,
      fromMs: null,
      toMs: null,
      title: "bench",
      progress: () => () => {},
    });
    times.push(performance.now() - startMs);
    evidence.db.close();
    assert(ok && trades === TRADES, "What is audited must be sound");
  }
  const { value, beside } = figured(times);
  return {
    name: `audit of ${TRADES.toLocaleString("en")} trades`,
    unit: "ms",
    budget: AUDIT_MS_MAX,
    figures: [figure(value, beside, {})],
  };
}

const figure = (value: number, beside: Figure["beside"], ratios: Figure["ratios"]): Figure => ({
  engine: "bellard",
  value,
  beside,
  ratios,
});
