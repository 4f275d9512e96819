// Rehearses on a history, one strategy at a time or several side by side: what is asked first is answered first, from a sample;
// the rest goes on in slices. It does not know whether it has a thread of its own.
import { messageOf, UserError } from "../base/errors.ts";
import type { EngineVariant } from "../sandbox/engine-module.ts";
import { SandboxOvertime, SandboxPoisoned } from "../sandbox/instance.ts";
import { monotonicMs } from "../sandbox/monotonic.ts";
import { PROBE_FRAMES_MAX, PurityProbe } from "../sandbox/purity-probe.ts";
import { AnswerCache } from "./answers.ts";
import { History } from "./history.ts";
import { Memories } from "./memories.ts";
import type { DecisionObserver } from "./observer.ts";
import type { RehearsalOrder, RehearsalReport } from "./port.ts";
import { RecordedFrames } from "./recorded-frames.ts";
import { RehearsalRun } from "./rehearsal-run.ts";
import { Stage } from "./stage.ts";

export interface RehearserOptions {
  readonly engine: EngineVariant;
  readonly history?: History;
  /** Brings the history up to date. */
  readonly refresh?: () => void;
  readonly observe?: DecisionObserver;
}

export class Rehearser {
  readonly #engine: EngineVariant;
  readonly #history: History;
  readonly #refresh: () => void;
  readonly #observe: DecisionObserver;
  readonly #frames: RecordedFrames;
  readonly #answers = new AnswerCache();
  readonly #memories: Memories;
  readonly #stage: Stage;
  #probe: PurityProbe | null = null;
  /** Under way, with the time each took so far, ms. */
  readonly #runs = new Map<RehearsalRun, number>();

  constructor({ engine, history = new History(), refresh = () => {}, observe = () => {} }: RehearserOptions) {
    this.#engine = engine;
    this.#observe = observe;
    this.#history = history;
    this.#refresh = refresh;
    this.#frames = new RecordedFrames(history);
    this.#memories = new Memories(engine, history);
    this.#stage = new Stage(engine);
  }

  /** Takes in what has been recorded, so that the next rehearsal finds it there. */
  refresh(): void {
    this.#refresh();
    if (this.#runs.size === 0) {
      this.#history.forget();
      this.#answers.forget(this.#history);
      this.#frames.forget(this.#answers.facts);
    }
    this.#frames.extend();
  }

  /** Within about the order's budget. What is not over goes on with `goOn`; every one has to be ended. */
  async begin(order: RehearsalOrder): Promise<{ readonly run: RehearsalRun; readonly report: RehearsalReport }> {
    const startedMs = monotonicMs();
    this.refresh();
    const run = new RehearsalRun(order, {
      history: this.#history,
      frames: this.#frames,
      answers: this.#answers,
      memories: this.#memories,
      stage: this.#stage,
      observe: this.#observe,
      monotonicMs,
    });
    this.#runs.set(run, 0);
    try {
      // Whoever had to wait for a long history hears of more than a few moments of it.
      await run.sample(Math.max(startedMs + order.budgetMs, monotonicMs() + order.budgetMs / 2));
      if (run.plan.occasions < PROBE_FRAMES_MAX && !run.isRefused) await this.#probeArms(run);
      if (order.budgetMs === Number.POSITIVE_INFINITY) await run.goOn(order.budgetMs);
      return { run, report: await this.#report(run, startedMs) };
    } catch (error) {
      this.end(run);
      throw error;
    }
  }

  /** Null while it is not over. */
  async goOn(run: RehearsalRun, sliceMs: number): Promise<RehearsalReport | null> {
    const startedMs = monotonicMs();
    await run.goOn(startedMs + sliceMs);
    if (run.isOver) return this.#report(run, startedMs);
    this.#runs.set(run, this.#runs.get(run)! + monotonicMs() - startedMs);
    return null;
  }

  end(run: RehearsalRun): void {
    if (this.#runs.delete(run)) run.end();
  }

  async #report(run: RehearsalRun, startedMs: number): Promise<RehearsalReport> {
    const report = await run.report();
    const elapsedMs = this.#runs.get(run)! + monotonicMs() - startedMs;
    this.#runs.set(run, elapsedMs);
    return { ...report, elapsedMs };
  }

  /** Where little was recorded, frames that no market made tell whether it is pure. */
  async #probeArms({ order, findings }: RehearsalRun): Promise<void> {
    for (const { version } of order.candidate) {
      if (this.#probe === null || this.#probe.isPoisoned) this.#probe = await PurityProbe.create(this.#engine);
      try {
        findings.impure ??= this.#probe.difference(version);
      } catch (error) {
        if (!(error instanceof SandboxOvertime || error instanceof SandboxPoisoned)) throw error;
        throw new UserError("rejected", `Cannot rehearse ${order.strategy}: ${messageOf(error)}`);
      }
    }
  }
}
