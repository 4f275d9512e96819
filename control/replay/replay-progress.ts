// How far a replay has come: a bar on a terminal, a line every few seconds elsewhere. How many steps there are is known
// beforehand, how much is done in each is not.
import { SingleBar } from "cli-progress";
import { age, count } from "../number-format.ts";

const LINE_EVERY_MS = 5_000;
const LOOK_EVERY = 256;

/** Told after each step: how much is done so far. */
export type Tell = (step: number, done: number) => void;

export class ReplayProgress {
  readonly #stream: NodeJS.WriteStream;
  #bar: SingleBar | null = null;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  /** Ends what was begun before. `what` is counted; steps go up to `to` from the first that is told. */
  begin(what: string, to: number): Tell {
    this.close();
    const startMs = performance.now();
    let saidMs = startMs;
    let from: number | null = null;
    let looks = 0;
    return (step, done) => {
      from ??= step;
      looks += 1;
      if (looks % LOOK_EVERY !== 0) return;
      const nowMs = performance.now();
      const share = Math.min(1, (step - from + 1) / Math.max(1, to - from + 1));
      const left = age(((nowMs - startMs) * (1 - share)) / share);
      const said = `${count(done)} ${what} · ${rateOf(done, nowMs - startMs)}/s · ${left} left`;
      if (this.#stream.isTTY) {
        this.#bar ??= started(this.#stream);
        this.#bar.update(share, { said });
      } else if (nowMs - saidMs >= LINE_EVERY_MS) {
        saidMs = nowMs;
        this.#stream.write(`${Math.floor(100 * share)} % · ${said}\n`);
      }
    };
  }

  close(): void {
    this.#bar?.stop();
    this.#bar = null;
  }
}

/** `21,300` a second: three digits say enough. */
export function rateOf(done: number, elapsedMs: number): string {
  const rate = (1_000 * done) / Math.max(elapsedMs, 1);
  return count(Number(rate.toPrecision(3)));
}

function started(stream: NodeJS.WriteStream): SingleBar {
  const format = "{bar} {percentage} % · {said}";
  const bar = new SingleBar({ stream, format, hideCursor: true, clearOnComplete: true });
  bar.start(1, 0, { said: "" });
  return bar;
}
