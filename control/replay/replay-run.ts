// A replay, or a what-if, over the recorded cycles that were selected.

import { CandidateCode } from "../../engine/replay/candidate-code.ts";
import { Replayer, type ReplayReport } from "../../engine/replay/replayer.ts";
import { WhatIf, type WhatIfReport } from "../../engine/replay/what-if.ts";
import { type DecisionView, decisionView } from "./decision-view.ts";
import type { RecordedCycle } from "./recorded-cycles.ts";
import type { Tell } from "./replay-progress.ts";

const VIEWS_MAX = 20;

export interface Replayed {
  readonly report: ReplayReport;
  /** The first ones. */
  readonly views: readonly DecisionView[];
  readonly elapsedMs: number;
}

/** `dir`: the data directory. `withViews`: show the decisions themselves too. */
export async function replayCycles(
  dir: string,
  cycles: Iterable<RecordedCycle>,
  withViews: boolean,
  tell: Tell,
): Promise<Replayed> {
  const replayer = new Replayer(dir);
  const views: DecisionView[] = [];
  const startMs = performance.now();
  for (const { cycle, atMs, decisions } of cycles) {
    await replayer.replay(cycle, decisions);
    tell(cycle, replayer.decisions);
    for (const decision of withViews ? decisions : []) {
      if (views.length === VIEWS_MAX) break;
      views.push(decisionView(cycle, atMs, decision, replayer.factsOf(decision.request.version)));
    }
  }
  return { report: replayer.report(), views, elapsedMs: performance.now() - startMs };
}

/** A strategy's file, and whose recorded decisions it decides again. */
export interface WhatIfOrder {
  readonly root: string;
  readonly entry: string;
  readonly strategy: string;
}

/** Throws a Refusal where the file cannot be loaded, and a UserError where it cannot decide on what was recorded. */
export async function whatIfCycles(
  dir: string,
  cycles: Iterable<RecordedCycle>,
  { root, entry, strategy }: WhatIfOrder,
  tell: Tell,
): Promise<WhatIfReport> {
  const whatIf = new WhatIf(dir, new CandidateCode(root, entry));
  for (const { cycle, atMs, decisions } of cycles) {
    await whatIf.decide(
      cycle,
      atMs,
      decisions.filter(({ request }) => request.version.strategy === strategy),
    );
    tell(cycle, whatIf.decisions);
  }
  return whatIf.report();
}
