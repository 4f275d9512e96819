// `logs`: the log for people, or as it is.
import { UserError } from "../../engine/base/errors.ts";
import { dataDirectory } from "../data-directory.ts";
import { follow, lastLines } from "../log-files.ts";
import { logFormatter } from "../log-format.ts";
import { endWithReader, hasColor } from "../terminal.ts";

export interface LogsOptions {
  readonly dir: string;
  readonly lines: number;
  readonly faults?: boolean;
  readonly follow?: boolean;
  readonly json?: boolean;
}

export async function showLogs(options: LogsOptions): Promise<number> {
  endWithReader();
  const { logs } = dataDirectory(options.dir);
  const wanted = options.faults ? isFault : () => true;
  const { lines, end } = await lastLines(logs, options.lines, wanted);
  if (lines.length === 0 && end.number === 0 && !options.follow) {
    throw new UserError("data", "Cannot show the log: there is none yet", {
      where: logs,
      hint: "name the bot's data directory with --dir",
    });
  }
  const format = logFormatter({ color: hasColor(), today: new Date().toISOString().slice(0, 10) });
  const show = (line: string) => process.stdout.write(options.json ? `${line}\n` : format(line));
  lines.forEach(show);
  if (options.follow) {
    for await (const line of follow(logs, end)) if (wanted(line)) show(line);
  }
  return 0;
}

function isFault(line: string): boolean {
  try {
    return typeof (JSON.parse(line) as { readonly fault?: unknown }).fault === "string";
  } catch {
    return false;
  }
}
