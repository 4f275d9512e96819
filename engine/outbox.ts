// Durable first, sent after: rows gather here until the cycle's transaction, and commands wait until it is on disk.
import type { Batch } from "./store/port.ts";
import type { Write } from "./store/tables.ts";
import type { VenueCommand } from "./venues/port.ts";

export class Outbox {
  readonly writes: Write[] = [];
  /** Go out once everything written so far is durable. */
  readonly commands: VenueCommand[] = [];
  readonly #waiting = new Map<number, VenueCommand[]>();
  #seq = 0;

  /** Commands wait for the disk. */
  get isWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** Everything gathered, as one transaction; null when there is nothing. */
  commit(): Batch | null {
    if (this.writes.length === 0) return null;
    this.#seq += 1;
    const urgent = this.commands.length > 0;
    if (urgent) this.#waiting.set(this.#seq, this.commands.splice(0));
    return { seq: this.#seq, urgent, writes: this.writes.splice(0) };
  }

  /** What may leave now that the batch and all before it are on disk, oldest first. */
  durable(seq: number): VenueCommand[] {
    const released: VenueCommand[] = [];
    for (const [waiting, commands] of this.#waiting) {
      if (waiting > seq) break; // Batches become durable in order.
      this.#waiting.delete(waiting);
      released.push(...commands);
    }
    return released;
  }
}
