// `run`: takes a data directory, starts what takes time, and hands over to the session. The threads start before the rest of
// the bot is even imported: a restart is a race.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { lockDataDir } from "../engine/store/data-dir-lock.ts";
import { DATA_DIRECTORY, dataDirectory } from "./data-directory.ts";
import { Opening } from "./run/opening.ts";
import type { RunOptions } from "./run-options.ts";

export async function runBot(options: RunOptions): Promise<number> {
  const isVirtual = options.speed === "max";
  const isScratch = isVirtual && options.feed === "replay" && options.dir === null;
  // A replay at full speed without a directory of its own is an experiment: it leaves nothing behind.
  const dir = isScratch ? mkdtempSync(join(tmpdir(), "underway-")) : (options.dir ?? (await configuredDir(options)));
  mkdirSync(dir, { recursive: true });
  const lock = lockDataDir(dir, { pid: process.pid, startedAtMs: Date.now() });
  const opening = new Opening(dir, options, isVirtual);
  try {
    const [{ openLog }, { Session }] = await Promise.all([import("./log.ts"), import("./run/session.ts")]);
    const out = options.json ? process.stderr : process.stdout;
    const color = out.isTTY === true && process.env.NO_COLOR === undefined;
    // Thousands of trades a second are for the file; the terminal gets the progress and the result.
    const terminal = isVirtual ? null : { stream: out, color };
    const openedLog = await openLog({ directory: dataDirectory(dir).logs, terminal });
    try {
      return await new Session(options, dir, openedLog.log, opening, () => lock.isHeld()).run();
    } finally {
      await openedLog.close();
    }
  } finally {
    await opening.close();
    lock.release();
    if (isScratch) rmSync(dir, { recursive: true, force: true });
  }
}

/** The configuration is evaluated ahead of everything else only where it may name a directory. */
async function configuredDir({ config, strategies }: RunOptions): Promise<string> {
  const mentionsIt = existsSync(config) && readFileSync(config, "utf8").includes("dataDir");
  if (!mentionsIt) return resolve(DATA_DIRECTORY);
  const [{ InThreadWorkshop }, { readConfig }] = await Promise.all([
    import("../engine/versions/workshop.ts"),
    import("./run/read-config.ts"),
  ]);
  const { cold } = await readConfig(new InThreadWorkshop({ strategiesDir: strategies, dataDir: tmpdir() }), config);
  return resolve(cold.dataDir);
}
