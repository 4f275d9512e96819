// Realised result since UTC midnight, fees included: what the daily loss limit is held against. Survives a restart.
import type { MetaRow, Write } from "../store/tables.ts";

const NAME = "realised-today";
const DAY_MS = 86_400_000;

export class RealisedToday {
  #day = 0;
  #micros = 0;

  constructor(meta: readonly MetaRow[]) {
    const [day, micros] = (meta.find((row) => row.name === NAME)?.value ?? "0 0").split(" ").map(Number);
    this.#day = day ?? 0;
    this.#micros = micros ?? 0;
  }

  at(nowMs: number): number {
    return Math.floor(nowMs / DAY_MS) === this.#day ? this.#micros : 0;
  }

  add(micros: number, nowMs: number): Write | null {
    if (micros === 0) return null;
    this.#micros = this.at(nowMs) + micros;
    this.#day = Math.floor(nowMs / DAY_MS);
    return { table: "meta", row: { name: NAME, value: `${this.#day} ${this.#micros}` } };
  }
}
