// Notices that files changed by what is in them. Events of the file system only say when to look: they get lost, come twice,
// and come before the content does. So every look hashes, a slow poll looks anyway, and each event is looked into twice.
import { readFile, stat } from "node:fs/promises";
import type { FSWatcher } from "chokidar";
import { digestOf } from "./control-file.ts";

const POLL_MS = 500;
/** Events within 50 ms of another may be dropped; this is later than that. */
const SECOND_LOOK_MS = 60;
/** Content may change without the times and the size of the file doing so, within the resolution of its clock. */
const CLOCK_RESOLUTION_MS = 2_000;

export interface ContentListener {
  /** `name` is relative to what is watched, with forward slashes; `digest` is the sha256 of the content. */
  changed(name: string, digest: string): void;
  deleted(name: string): void;
  /** Something could not be read or watched; the poll goes on. */
  failed(error: unknown): void;
}

export interface ContentWatch {
  /** What is known now, by name. */
  readonly digests: ReadonlyMap<string, string>;
  close(): Promise<void>;
}

/** Stand for the digest of what has none, so that whoever reads it is told once and says what is wrong. A pipe is never opened: that waits for ever. */
const NOT_A_FILE = "not a file";
const UNREADABLE = "unreadable";

async function digestOfFile(path: string): Promise<string> {
  try {
    return digestOf(await readFile(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") throw error;
    return UNREADABLE;
  }
}

interface Known {
  readonly digest: string;
  readonly stamp: string;
}

/** Resolves after the first look, which only learns what is there. `list` gives name → path of the files that count. */
export async function watchContent(
  watcher: FSWatcher,
  list: () => Promise<ReadonlyMap<string, string>>,
  listener: ContentListener,
): Promise<ContentWatch> {
  const known = new Map<string, Known>();
  const digests = new Map<string, string>();
  let closed = false;
  let looking: Promise<void> | null = null;
  let again: { thorough: boolean } | null = null;

  async function look(report: ContentListener | null, thorough: boolean): Promise<void> {
    const files = await list();
    for (const name of [...known.keys()]) {
      if (!files.has(name)) forget(name, report);
    }
    for (const [name, path] of files) await lookAt(name, path, report, thorough);
  }

  async function lookAt(name: string, path: string, report: ContentListener | null, thorough: boolean): Promise<void> {
    const before = known.get(name);
    try {
      const found = await stat(path);
      const { mtimeMs, ctimeMs, size, ino } = found;
      const stamp = `${mtimeMs} ${ctimeMs} ${size} ${ino}`;
      const settled = Date.now() - Math.max(mtimeMs, ctimeMs) > CLOCK_RESOLUTION_MS;
      if (before?.stamp === stamp && settled && !thorough) return;
      const digest = found.isFile() ? await digestOfFile(path) : NOT_A_FILE;
      if (closed) return;
      known.set(name, { digest, stamp });
      digests.set(name, digest);
      if (before?.digest !== digest) report?.changed(name, digest);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") forget(name, report);
      else report?.failed(error);
    }
  }

  function forget(name: string, report: ContentListener | null): void {
    if (closed || !known.delete(name)) return;
    digests.delete(name);
    report?.deleted(name);
  }

  /** One look at a time; what comes in meanwhile makes one more. */
  function request(thorough: boolean): void {
    if (closed) return;
    if (looking !== null) {
      again = { thorough: thorough || again?.thorough === true };
      return;
    }
    looking = look(listener, thorough)
      .catch((error: unknown) => listener.failed(error))
      .then(() => {
        looking = null;
        const next = again;
        again = null;
        if (next !== null) request(next.thorough);
      });
  }

  await look(null, true);
  let second: NodeJS.Timeout | undefined;
  watcher.on("all", () => {
    request(true);
    clearTimeout(second);
    second = setTimeout(() => request(true), SECOND_LOOK_MS);
  });
  watcher.on("error", (error) => listener.failed(error));
  const poll = setInterval(() => request(false), POLL_MS);
  request(true);

  return {
    digests,
    async close() {
      closed = true;
      clearInterval(poll);
      clearTimeout(second);
      await Promise.all([watcher.close(), looking]);
    },
  };
}
