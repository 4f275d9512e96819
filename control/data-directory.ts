// Where a bot keeps its things, as seen by those who steer and watch it.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { isLocked } from "./file-lock.ts";
import type { Status } from "./status.ts";

export const DATA_DIRECTORY = ".underway";

export interface DataDirectory {
  readonly root: string;
  readonly control: string;
  /** Held by whoever writes control.json. */
  readonly controlLock: string;
  readonly status: string;
  readonly logs: string;
  /** Held by the bot for as long as it lives. */
  readonly lock: string;
}

export const dataDirectory = (root: string): DataDirectory => ({
  root,
  control: join(root, "control.json"),
  controlLock: join(root, "control.lock"),
  status: join(root, "status.json"),
  logs: join(root, "logs"),
  lock: join(root, "lock.db"),
});

const STATUS_AGE_MS_MAX = 5_000;

export const statusAgeMs = (status: Status, nowMs: number): number => nowMs - Date.parse(status.writtenAt);

/** The bot's lock tells; where there is none, a fresh status does. A hung bot still runs. */
export function isBotRunning(directory: DataDirectory, status: Status | null, nowMs: number): boolean {
  if (existsSync(directory.lock)) return isLocked(directory.lock);
  return status !== null && status.engine.stoppedAt === null && statusAgeMs(status, nowMs) <= STATUS_AGE_MS_MAX;
}
