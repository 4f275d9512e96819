// How far a run in virtual time has come: a bar on a terminal, a line every few seconds elsewhere.
import { SingleBar } from "cli-progress";

const LINE_EVERY_MS = 5_000;

export class Progress {
  readonly #stream: NodeJS.WriteStream;
  readonly #fromMs: number;
  readonly #toMs: number | null;
  readonly #bar: SingleBar | null;
  #saidMs = performance.now();

  constructor(stream: NodeJS.WriteStream, fromMs: number, toMs: number | null) {
    this.#stream = stream;
    this.#fromMs = fromMs;
    this.#toMs = toMs;
    this.#bar =
      stream.isTTY && toMs !== null
        ? new SingleBar({
            stream,
            format: "{bar} {percentage} % · {time} · {eta_formatted} left",
            hideCursor: true,
            clearOnComplete: true,
          })
        : null;
    if (toMs !== null) this.#bar?.start(toMs - fromMs, 0, { time: timeOf(fromMs) });
  }

  show(atMs: number): void {
    this.#bar?.update(atMs - this.#fromMs, { time: timeOf(atMs) });
    if (this.#bar !== null || performance.now() - this.#saidMs < LINE_EVERY_MS) return;
    this.#saidMs = performance.now();
    const share =
      this.#toMs === null ? "" : `${Math.floor((100 * (atMs - this.#fromMs)) / (this.#toMs - this.#fromMs))} % · `;
    this.#stream.write(`${share}${timeOf(atMs)}\n`);
  }

  close(): void {
    this.#bar?.stop();
  }
}

const timeOf = (ms: number): string => new Date(ms).toISOString().replace("T", " ").slice(0, 19);
