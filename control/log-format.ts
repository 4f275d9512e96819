// One way to show a log record to a person, on the terminal of `run` and in `logs`:
//   12:07:46 info: BTC-5m-momentum bought 34.48 Up at 0.5800  [momentum@3f9a2c1e params 5d41402a cycle 120431]
// A code frame follows on its own lines. Whatever else the record holds stays in the file.
import { type MessageFormatFunc, prettyFactory } from "pino-pretty";

/** Known fields of a record. Whoever logs about a decision, an order, a fill or a settlement fills in all of the first five. */
export interface LogFields {
  readonly strategy?: string;
  /** `momentum@3f9a2c1e` */
  readonly version?: string;
  readonly params?: string;
  readonly slot?: string;
  readonly cycle?: number;
  /** The kind of a strategy's fault; `logs --faults` shows the records that have it. */
  readonly fault?: string;
  /** `strategies/momentum.ts:12:5`, and the source lines around it. */
  readonly where?: string | null;
  readonly frame?: string | null;
  readonly [field: string]: unknown;
}

export interface LogFormat {
  readonly color: boolean;
  /** `2026-06-08`: records of other days show their date; null shows none. */
  readonly today: string | null;
}

const HASH_CHARS = 8;

/** Turns a line of the log file into lines for people, ended by a newline. */
export function logFormatter({ color, today }: LogFormat): (line: string) => string {
  const format = prettyFactory({
    colorize: color,
    hideObject: true,
    include: "time,level",
    translateTime: false,
    customColors: "message:reset,debug:gray,info:reset,warn:yellow,error:magenta,fatal:magenta",
    customPrettifiers: {
      time: (time) =>
        (today === null || String(time).startsWith(today) ? "" : `${String(time).slice(5, 10)} `) +
        String(time).slice(11, 19),
      level: (level, _key, _log, { labelColorized }) => labelColorized.replace(/[A-Z]+(?![\d;]*m)/, String(level)),
    },
    messageFormat,
  });
  return (line) => format(line);
}

const messageFormat: MessageFormatFunc = (record, messageKey, _level, { colors }) => {
  const { strategy, version, params, slot, cycle, where, frame } = record as LogFields;
  const subject = slot ?? strategy;
  const maker = [
    version,
    params === undefined ? undefined : `params ${params.slice(0, HASH_CHARS)}`,
    cycle === undefined ? undefined : `cycle ${cycle}`,
  ].filter((part) => part !== undefined);
  return [
    subject === undefined ? "" : `${colors.bold(subject)} `,
    String(record[messageKey]),
    where == null ? "" : ` at ${where}`,
    maker.length === 0 ? "" : colors.gray(`  [${maker.join(" ")}]`),
    frame == null ? "" : `\n${frame.trimEnd().replace(/^/gm, "    ")}`,
  ].join("");
};
