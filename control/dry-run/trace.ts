// The trace of a rehearsal: what each decision was made on and what it came to, one line of JSON each.
import { closeSync, openSync, writeSync } from "node:fs";
import { said } from "../../engine/rehearsal/findings.ts";
import type { Decided } from "../../engine/rehearsal/observer.ts";

const CHUNK_CHARS = 256 * 1024;
const CANDLE_FIELDS = ["open", "high", "low", "close", "volume"] as const;

export class Trace {
  readonly #file: number;
  #chunk = "";

  /** Throws what the system says of the path. */
  constructor(path: string) {
    this.#file = openSync(path, "w");
  }

  add(decided: Decided): void {
    this.#chunk += `${traceLine(decided)}\n`;
    if (this.#chunk.length >= CHUNK_CHARS) this.#write();
  }

  close(): void {
    this.#write();
    closeSync(this.#file);
  }

  #write(): void {
    writeSync(this.#file, this.#chunk);
    this.#chunk = "";
  }
}

/** `{"cycle":7,"slot":"BTC-5m-momentum","at":"2026-06-08T12:00:00.000Z","inputs":{"rsi":51.2,"macd.signal":null},"signal":{…}}` */
function traceLine({ cycle, slot, atMs, facts, frame, result }: Decided): string {
  const inputs: Record<string, number | null> = {};
  for (const field of facts.layout.fields) {
    const { name, offset } = field;
    if (field.type === "candles") {
      const { depth } = field;
      for (const [index, part] of CANDLE_FIELDS.entries()) {
        inputs[`${name}.${part}`] = ready(frame[offset + (index + 1) * depth - 1]!);
      }
      continue;
    }
    for (const [index, output] of field.outputs.entries()) {
      const key = field.outputs.length === 1 && output === "value" ? name : `${name}.${output}`;
      inputs[key] = ready(frame[offset + index * (2 + field.history)]!);
    }
  }
  const { kind, probability, limit, reason } = said(result);
  const at = new Date(atMs).toISOString();
  return JSON.stringify({ cycle, slot, at, inputs, signal: { kind, probability, limit, reason } });
}

const ready = (value: number): number | null => (Number.isFinite(value) ? value : null);
