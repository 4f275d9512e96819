// QuickJS counts down to its next interrupt poll in an int32 of its context. Where it lies is found by what it does:
// it falls with each turn of a loop.
import { assert } from "../base/assert.ts";
import { type Instance, POLL_TICKS } from "./instance.ts";

const CONTEXT_WORDS = 256;
const TICKS_PER_TURN = 2;

/** Place of the countdown in bytes; throws when no single word behaves like it. */
export function findCountdown(instance: Instance, context: number): number {
  const first = context >> 2;
  const words = () => instance.words.slice(first, first + CONTEXT_WORDS);
  const loop = (turns: number) => instance.evaluate(context, `(() => { for (let i = 0; i < ${turns}; i++); })`, "", 0);
  const fall = (callee: number) => {
    const before = words();
    instance.call(context, callee, [], 0);
    return words().map((after, index) => before[index]! - after);
  };
  const [short, long] = [loop(100), loop(300)];
  const [shortFall, longFall] = [fall(short), fall(long)];
  const found = [...shortFall.keys()].filter((index) => longFall[index]! - shortFall[index]! === 200 * TICKS_PER_TURN);
  assert(found.length === 1, `Cannot measure fuel: ${found.length} words of QuickJS's context count loop turns`);
  const countdown = first + found[0]!;

  instance.words[countdown] = 10;
  instance.refuel();
  instance.call(context, short, [], 0);
  const left = instance.words[countdown]!;
  assert(instance.polls === 1 && left < POLL_TICKS && left > POLL_TICKS - 300, "Cannot measure fuel: polls differ");
  return countdown << 2;
}
