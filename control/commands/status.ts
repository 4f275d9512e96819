// `status`: what the bot said last, once or again and again.
import { setTimeout as delay } from "node:timers/promises";
import { UserError } from "../../engine/base/errors.ts";
import { dataDirectory, isBotRunning, statusAgeMs } from "../data-directory.ts";
import { readStatus } from "../status.ts";
import { renderStatus } from "../status-table.ts";
import { columns, endWithReader, hasColor } from "../terminal.ts";

const REDRAW_MS = 500;
const HOME_AND_CLEAR = "\u001b[H\u001b[J";

export interface StatusOptions {
  readonly dir: string;
  readonly watch?: boolean;
  readonly json?: boolean;
}

/** 0 while the bot runs, 3 when it does not; the last status is shown all the same. */
export async function showStatus(options: StatusOptions): Promise<number> {
  endWithReader();
  for (;;) {
    const running = await showOnce(options);
    if (!options.watch) return running ? 0 : 3;
    await delay(REDRAW_MS);
  }
}

async function showOnce({ dir, watch, json }: StatusOptions): Promise<boolean> {
  const directory = dataDirectory(dir);
  const status = await readStatus(directory.status);
  const nowMs = Date.now();
  const running = isBotRunning(directory, status, nowMs);
  if (status === null) {
    throw new UserError(
      "not-running",
      running
        ? "Cannot show the status: the bot has not written one yet"
        : "Cannot show the status: no bot ever ran here",
      {
        where: directory.root,
        hint: "name the bot's data directory with --dir",
      },
    );
  }
  const clear = watch && process.stdout.isTTY && !json ? HOME_AND_CLEAR : "";
  const text = json
    ? `${JSON.stringify({ running, ageMs: statusAgeMs(status, nowMs), ...status })}\n`
    : renderStatus(status, { width: columns(), color: hasColor(), nowMs });
  process.stdout.write(clear + text);
  return running;
}
