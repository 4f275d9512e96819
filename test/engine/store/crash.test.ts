import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { uniform } from "../../../engine/base/prng.ts";
import { JournalReader } from "../../../engine/journal/journal-reader.ts";
import { openDatabase, scalar } from "../../../engine/store/database.ts";
import { temporaryDir } from "../../contract/store.ts";

const WRITER = fileURLToPath(new URL("./crash-writer.ts", import.meta.url));
const ROUNDS = 12;

/** Kills the writer when it acknowledged `acknowledgements` times, and returns the last cycle that it called durable. */
async function writeAndKill(dir: string, acknowledgements: number): Promise<number> {
  const child = spawn(process.execPath, [WRITER, dir], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  let lines = 0;
  let last = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    last = Number(line);
    lines += 1;
    if (lines === acknowledgements) child.kill("SIGKILL");
  }
  expect(await exited).toEqual([null, "SIGKILL"]);
  return last;
}

test("everything acknowledged survives kill -9, and no batch is torn", { timeout: 60_000 }, async () => {
  const dir = temporaryDir();
  let before = 0;
  for (let round = 1; round <= ROUNDS; round++) {
    const acknowledged = await writeAndKill(dir, 1 + Math.floor(uniform(20_240_611, round) * 40));
    const db = openDatabase(dir);
    const [cycles, transfers, alarms, commands, last] = [
      "SELECT count(*) FROM cycles",
      "SELECT count(*) FROM transfers",
      "SELECT count(*) FROM alarms",
      "SELECT count(*) FROM commands",
      "SELECT max(cycle) FROM cycles",
    ].map((sql) => scalar(db, sql));
    expect(scalar(db, "PRAGMA integrity_check")).toBe("ok");
    expect(new JournalReader(db).verify(undefined, true)).toMatchObject({
      ok: true,
      rows: last,
      head: { cycle: last },
    });
    db.close();
    expect(acknowledged).toBeGreaterThan(before);
    expect(last).toBeGreaterThanOrEqual(acknowledged);
    expect([cycles, transfers, alarms, commands]).toEqual([last, last, last, last]);
    before = acknowledged;
  }
});
