// How far a sweep has come: a bar on a terminal, a line every few seconds elsewhere.
import { SingleBar } from "cli-progress";
import { age, count } from "../number-format.ts";

const LOOK_EVERY_MS = 250;
const LINE_EVERY_MS = 5_000;

export class SweepProgress {
  readonly #stream: NodeJS.WriteStream;
  #timer: NodeJS.Timeout | undefined;
  #bar: SingleBar | null = null;
  #done = 0;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  /** `resumed` of the trials were done before; `bars` tells how many this process has done. */
  start(total: number, resumed: number, bars: () => number): void {
    const { isTTY } = this.#stream;
    const format = "{bar} {value}/{total} trials · {rest}";
    if (isTTY) this.#bar = new SingleBar({ stream: this.#stream, format, hideCursor: true, clearOnComplete: true });
    this.#done = resumed;
    this.#bar?.start(total, resumed, { rest: "" });
    const startedMs = performance.now();
    const draw = () => {
      const elapsedMs = performance.now() - startedMs;
      const ran = this.#done - resumed;
      const left = ran === 0 ? "" : ` · ${age(((total - this.#done) / ran) * elapsedMs)} left`;
      const rest = `${count(Math.round(bars() / (elapsedMs / 1000)))} bars/s${left}`;
      if (this.#bar === null) this.#stream.write(`${this.#done}/${total} trials · ${rest}\n`);
      else this.#bar.update(this.#done, { rest });
    };
    this.#timer = setInterval(draw, isTTY ? LOOK_EVERY_MS : LINE_EVERY_MS);
  }

  show(trials: number): void {
    this.#done = trials;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#bar?.stop();
  }
}
