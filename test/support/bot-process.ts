// The real bot as a child process, as a user starts it, and ways to wait for what it does.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Status } from "../../control/status.ts";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const MAIN = join(ROOT, "control/main.ts");
const WAIT_MS_MAX = 25_000;
const LOOK_EVERY_MS = 20;

/** A folder as a user has it: strategies, configuration, no data yet. */
export function makeWorkspace(): string {
  const folder = mkdtempSync(join(tmpdir(), "underway-test-"));
  cpSync(join(ROOT, "strategies"), join(folder, "strategies"), { recursive: true });
  cpSync(join(ROOT, "underway.config.ts"), join(folder, "underway.config.ts"));
  return folder;
}

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class BotProcess {
  readonly folder: string;
  readonly child: ChildProcess;
  readonly #exited: Promise<Finished>;
  stdout = "";
  stderr = "";

  constructor(folder: string, args: readonly string[]) {
    this.folder = folder;
    this.child = spawn(process.execPath, [MAIN, ...args], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
    this.child.stdout!.on("data", (text) => {
      this.stdout += text;
    });
    this.child.stderr!.on("data", (text) => {
      this.stderr += text;
    });
    this.#exited = once(this.child, "close").then(([code]) => ({ code, stdout: this.stdout, stderr: this.stderr }));
  }

  get exited(): Promise<Finished> {
    return this.#exited;
  }

  async end(signal: NodeJS.Signals): Promise<Finished> {
    this.child.kill(signal);
    return this.#exited;
  }

  /** The first status of this process that satisfies `holds`. Fails with what the bot last said. */
  async status(what: string, holds: (status: Status) => boolean): Promise<Status> {
    return waitFor(
      what,
      () => {
        const status = readStatusNow(this.folder);
        return status !== null && status.engine.pid === this.child.pid && holds(status) ? status : null;
      },
      () =>
        `${JSON.stringify(readStatusNow(this.folder))?.slice(0, 3_000)}\n${this.stdout.slice(-3_000)}\n${this.stderr.slice(-2_000)}`,
    );
  }

  async said(text: string | RegExp): Promise<void> {
    await waitFor(
      `the bot to say ${text}`,
      () => (this.stdout.search(text) >= 0 ? true : null),
      () => `${this.stdout.slice(-3_000)}\n${this.stderr.slice(-2_000)}`,
    );
  }
}

async function waitFor<T>(what: string, look: () => T | null, explain: () => string): Promise<T> {
  const deadline = performance.now() + WAIT_MS_MAX;
  for (;;) {
    const found = look();
    if (found !== null) return found;
    if (performance.now() > deadline) throw new Error(`Waited in vain for ${what}: ${explain()}`);
    await pause(LOOK_EVERY_MS);
  }
}

export const run = (folder: string, args: readonly string[]): Promise<Finished> => new BotProcess(folder, args).exited;

function readStatusNow(folder: string): Status | null {
  const path = join(folder, ".underway/status.json");
  if (!existsSync(path)) return null;
  return JSON.parse(readFileSync(path, "utf8")) as Status;
}
