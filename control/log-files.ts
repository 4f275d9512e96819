// Reads the rotated log files back, oldest line first, and goes on reading while the bot writes.
import { open, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const POLL_MS = 250;
const CHUNK_BYTES = 64 * 1024;

/** `underway.3.log` → 3; null for any other name. */
const numberOf = (name: string): number | null => {
  const match = /^underway\.(\d+)\.log$/.exec(name);
  return match === null ? null : Number(match[1]);
};

async function numbers(directory: string): Promise<number[]> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  return names
    .map(numberOf)
    .filter((number) => number !== null)
    .sort((a, b) => a - b);
}

const fileOf = (directory: string, number: number): string => join(directory, `underway.${number}.log`);

/** Where a reader has come to. */
export interface LogPosition {
  readonly number: number;
  readonly offset: number;
}

/** The last `count` lines that `wanted` takes, and the place after them. */
export async function lastLines(
  directory: string,
  count: number,
  wanted: (line: string) => boolean,
): Promise<{ readonly lines: readonly string[]; readonly end: LogPosition }> {
  const newestFirst = (await numbers(directory)).reverse();
  let lines: string[] = [];
  let end: LogPosition = { number: newestFirst[0] ?? 0, offset: 0 };
  for (const number of newestFirst) {
    const text = await readFile(fileOf(directory, number), "utf8");
    const complete = text.slice(0, text.lastIndexOf("\n") + 1);
    if (number === end.number) end = { number, offset: Buffer.byteLength(complete) };
    lines = [...complete.split("\n").filter((line) => line !== "" && wanted(line)), ...lines];
    if (lines.length >= count) break;
  }
  return { lines: lines.slice(Math.max(0, lines.length - count)), end };
}

/** Every complete line after `from`, for ever: through the end of a file into the next. */
export async function* follow(directory: string, from: LogPosition, signal?: AbortSignal): AsyncGenerator<string> {
  let { number, offset } = from;
  while (signal?.aborted !== true) {
    const next = (await numbers(directory)).find((other) => other > number);
    let rest = "";
    for await (const chunk of chunks(fileOf(directory, number), offset)) {
      const lines = `${rest}${chunk}`.split("\n");
      rest = lines.pop()!;
      for (const line of lines) {
        offset += Buffer.byteLength(line) + 1;
        yield line;
      }
    }
    // The next file was there before this one was read to its end: nothing more comes here.
    if (next !== undefined) [number, offset] = [next, 0];
    else await delay(POLL_MS, undefined, { signal }).catch(() => {});
  }
}

async function* chunks(path: string, start: number): AsyncGenerator<string> {
  try {
    await using file = await open(path, "r");
    yield* file.createReadStream({ start, encoding: "utf8", highWaterMark: CHUNK_BYTES, autoClose: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
