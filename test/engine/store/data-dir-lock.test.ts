import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { lockDataDir } from "../../../engine/store/data-dir-lock.ts";
import { temporaryDir } from "../../contract/store.ts";

const MODULE = new URL("../../../engine/store/data-dir-lock.ts", import.meta.url).href;
const startedAtMs = Date.UTC(2026, 0, 2, 3, 4, 5);

/** Another process that locks the directory, collects its garbage, says so and waits. */
async function lockElsewhere(dir: string) {
  const code = `import { lockDataDir } from ${JSON.stringify(MODULE)};
    lockDataDir(${JSON.stringify(dir)}, { pid: process.pid, startedAtMs: ${startedAtMs} });
    gc(); await null; gc(); console.log("locked"); setInterval(() => {}, 1_000);`;
  const child = spawn(process.execPath, ["--expose-gc", "--input-type=module", "-e", code], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  await once(child.stdout, "data");
  return child;
}

test("a second process is refused with who holds the directory, and admitted when that one was killed", async () => {
  const dir = temporaryDir();
  const holder = await lockElsewhere(dir);
  expect(() => lockDataDir(dir, { pid: process.pid, startedAtMs })).toThrow(
    expect.objectContaining({
      name: "UserError",
      code: "busy",
      message: `Cannot use data directory "${dir}": process ${holder.pid}, started 2026-01-02T03:04:05.000Z holds it`,
      hint: expect.stringContaining("--dir"),
    }),
  );
  const exited = once(holder, "exit");
  holder.kill("SIGKILL");
  await exited;
  lockDataDir(dir, { pid: process.pid, startedAtMs }).release();
});

test("the same process is refused too, until the lock is released", () => {
  const dir = temporaryDir();
  const owner = { pid: process.pid, startedAtMs };
  const lock = lockDataDir(dir, owner);
  expect(() => lockDataDir(dir, owner)).toThrow("holds it");
  expect(() => lockDataDir(dir, owner)).toThrow("holds it");
  lock.release();
  lockDataDir(dir, owner).release();
});

test("a lock whose directory was deleted is not held any more, also when another bot has started there", () => {
  const dir = temporaryDir();
  const owner = { pid: process.pid, startedAtMs };
  const lock = lockDataDir(dir, owner);
  expect(lock.isHeld()).toBe(true);
  rmSync(dir, { recursive: true });
  expect(lock.isHeld()).toBe(false);
  const next = lockDataDir(dir, owner);
  expect([lock.isHeld(), next.isHeld()]).toEqual([false, true]);
  for (const each of [lock, next]) each.release();
});
