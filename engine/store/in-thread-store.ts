// The store in the caller's thread, for virtual time: batches may be gathered, so that many cycles share one transaction.
import type { DatabaseSync } from "node:sqlite";
import { assert } from "../base/assert.ts";
import { openDatabase } from "./database.ts";
import type { Batch, LedgerTotals, Recovered, Store, StoreListener } from "./port.ts";
import { SqliteStore } from "./sqlite-store.ts";

/** Most cycles that one transaction may carry in virtual time. */
export const GROUP_COMMITS_MAX = 1_000;

export type InThreadStoreOptions = Ledger & {
  /** Commit when so many batches have come, or at once with an urgent one. Default 1: every batch at once. */
  readonly groupCommits?: number;
};

/** A file in its folder, or what is open already and becomes the store's. */
type Ledger = { readonly dir: string } | { readonly db: DatabaseSync };

export class InThreadStore implements Store {
  readonly #core: SqliteStore;
  readonly #groupCommits: number;

  /** Throws a UserError when the ledger cannot be opened. */
  constructor(options: InThreadStoreOptions, listener: StoreListener) {
    this.#groupCommits = options.groupCommits ?? 1;
    assert(this.#groupCommits >= 1 && this.#groupCommits <= GROUP_COMMITS_MAX, `groupCommits is ${this.#groupCommits}`);
    this.#core = new SqliteStore("db" in options ? options.db : openDatabase(options.dir), listener);
  }

  commit(batch: Batch): void {
    this.#core.gather(batch);
    if (batch.urgent === true || this.#core.gathered >= this.#groupCommits) this.#core.flush();
  }

  async recover(): Promise<Recovered> {
    return this.#core.recover();
  }

  keepJournal(ms: number): void {
    this.#core.keepJournal(ms);
  }

  async totals(): Promise<LedgerTotals> {
    return this.#core.totals();
  }

  async exportTo(path: string): Promise<{ readonly rows: number }> {
    return this.#core.exportTo(path);
  }

  async close(): Promise<void> {
    this.#core.close();
  }
}
