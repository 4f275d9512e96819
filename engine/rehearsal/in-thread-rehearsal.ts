// Rehearsals in the caller's own thread: for virtual time and tests. Everything recorded is decided before `first` resolves,
// whatever the budget, so what is found depends on the ledger alone.
import { UserError } from "../base/errors.ts";
import type { EngineVariant } from "../sandbox/engine-module.ts";
import { History } from "./history.ts";
import { LedgerReader } from "./ledger-reader.ts";
import type { DecisionObserver } from "./observer.ts";
import type { Rehearsal, RehearsalOrder, RehearsalReport, Rehearsing } from "./port.ts";
import { Rehearser } from "./rehearser.ts";

export interface RehearsalOptions {
  /** The data directory: its ledger is read. */
  readonly dir: string;
  readonly engine: EngineVariant;
}

export class InThreadRehearsal implements Rehearsal {
  readonly #reader: LedgerReader;
  readonly #rehearser: Rehearser;
  /** One at a time. */
  #last: Promise<unknown> = Promise.resolve();
  readonly #underWay = new Map<string, Rehearsing>();
  #closed = false;

  /** `observe` is told each decision of a candidate, once. */
  constructor({ dir, engine }: RehearsalOptions, observe: DecisionObserver = () => {}) {
    const history = new History();
    this.#reader = new LedgerReader(dir, history);
    this.#rehearser = new Rehearser({ engine, history, refresh: () => this.#reader.refresh(), observe });
  }

  rehearse(order: RehearsalOrder): Rehearsing {
    this.#underWay.get(order.strategy)?.cancel();
    let isCancelled = false;
    const first = this.#last.then(async () => {
      if (isCancelled || this.#closed) throw cancelled(order.strategy);
      const report = await rehearseAll(this.#rehearser, order);
      if (isCancelled) throw cancelled(order.strategy);
      return report;
    });
    const rest = first.catch(() => null);
    this.#last = rest;
    const rehearsing = {
      first,
      rest,
      cancel: () => {
        isCancelled = true;
      },
    };
    this.#underWay.set(order.strategy, rehearsing);
    return rehearsing;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#last;
    this.#reader.close();
  }
}

/** Decides everything that the rehearser's history has. */
async function rehearseAll(rehearser: Rehearser, order: RehearsalOrder): Promise<RehearsalReport> {
  const { run, report } = await rehearser.begin({ ...order, budgetMs: Number.POSITIVE_INFINITY });
  rehearser.end(run);
  return report;
}

export const cancelled = (strategy: string): UserError =>
  new UserError("rejected", `The rehearsal of ${strategy} was cancelled`);
