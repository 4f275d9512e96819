// The bot's log: JSON lines in `logs/underway.log`, rotated by size and bounded in number, and the same records as text on
// the terminal. Neither a full disk nor a stuck terminal stops the bot: what cannot be written is dropped.
import { lstatSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type { Writable } from "node:stream";
import { finished } from "node:stream/promises";
import { multistream, pino } from "pino";
import roll from "pino-roll";
import { type LogFields, logFormatter } from "./log-format.ts";

const FILE_SIZE_MAX = "10m";
const FILES_MAX = 10;
const WAITING_BYTES_MAX = 1024 * 1024;

export interface Log {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
}

export interface OpenLog {
  readonly log: Log;
  /** Writes what is waiting and lets go of the file. */
  close(): Promise<void>;
}

export interface LogOptions {
  /** Made if missing. */
  readonly directory: string;
  /** Null for no terminal. */
  readonly terminal: { readonly stream: Writable; readonly color: boolean } | null;
  readonly fileSizeMax?: string;
}

export async function openLog({ directory, terminal, fileSizeMax = FILE_SIZE_MAX }: LogOptions): Promise<OpenLog> {
  mkdirSync(directory, { recursive: true });
  const file = await roll({
    file: join(directory, "underway.log"),
    size: fileSizeMax,
    limit: { count: FILES_MAX, removeOtherLogFiles: true },
    symlink: true,
    maxLength: WAITING_BYTES_MAX,
  });
  linkOnce(join(directory, "underway.log"));
  file.on("error", () => {});
  const streams = [file, ...(terminal === null ? [] : [terminalStream(terminal.stream, terminal.color)])];
  const log = pino(
    { base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) } },
    multistream(streams.map((stream) => ({ stream, level: "info" }))),
  );
  return {
    log,
    async close() {
      file.end();
      await finished(file, { readable: false }).catch(() => {});
    },
  };
}

/** The newest file under the name that everybody looks for; `current.log` is kept up to date by the rotation. */
function linkOnce(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) symlinkSync("current.log", path);
}

/** Not piped: ending the log must not end the terminal. */
function terminalStream(stream: Writable, color: boolean): { write(line: string): void } {
  const format = logFormatter({ color, today: null });
  stream.on("error", () => {});
  return {
    write(line) {
      if (stream.writableLength < WAITING_BYTES_MAX) stream.write(format(line));
    },
  };
}
