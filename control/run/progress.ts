// How far a run in virtual time has come: a bar on a terminal, a line every few seconds elsewhere.
import { SingleBar } from "cli-progress";
import { age, count } from "../number-format.ts";

const LINE_EVERY_MS = 5_000;
/** The time left is told from what has passed, once that says something. */
const RATE_AFTER_MS = 500;

export class Progress {
  readonly #stream: NodeJS.WriteStream;
  readonly #fromMs: number;
  readonly #toMs: number | null;
  readonly #bar: SingleBar | null;
  readonly #startedMs = performance.now();
  #saidMs = this.#startedMs;

  constructor(stream: NodeJS.WriteStream, fromMs: number, toMs: number | null) {
    this.#stream = stream;
    this.#fromMs = fromMs;
    this.#toMs = toMs;
    this.#bar =
      stream.isTTY && toMs !== null
        ? new SingleBar({
            stream,
            format: "{bar} {percentage} % · {time}{rate}{left}",
            hideCursor: true,
            clearOnComplete: true,
          })
        : null;
    if (toMs !== null) this.#bar?.start(toMs - fromMs, 0, { time: timeOf(fromMs), rate: "", left: "" });
  }

  /** `done`: bars or cycles, where their rate is to be told. */
  show(atMs: number, done: number | null = null): void {
    const nowMs = performance.now();
    const tookMs = nowMs - this.#startedMs;
    const share = this.#toMs === null ? 0 : (atMs - this.#fromMs) / (this.#toMs - this.#fromMs);
    const isTelling = tookMs >= RATE_AFTER_MS;
    const rate = done === null || !isTelling ? "" : ` · ${count(Math.round((done / tookMs) * 1_000))}/s`;
    const left = share <= 0 || !isTelling ? "" : ` · ${age((tookMs / share) * Math.max(0, 1 - share))} left`;
    this.#bar?.update(atMs - this.#fromMs, { time: timeOf(atMs), rate, left });
    if (this.#bar !== null || nowMs - this.#saidMs < LINE_EVERY_MS) return;
    this.#saidMs = nowMs;
    const percent = this.#toMs === null ? "" : `${Math.floor(100 * share)} % · `;
    this.#stream.write(`${percent}${timeOf(atMs)}${rate}${left}\n`);
  }

  close(): void {
    this.#bar?.stop();
  }
}

const timeOf = (ms: number): string => new Date(ms).toISOString().replace("T", " ").slice(0, 19);
