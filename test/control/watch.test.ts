import { execFileSync } from "node:child_process";
import { mkdirSync, renameSync, rmSync, unlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setInterval } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import type { ContentWatch } from "../../control/content-watch.ts";
import { digestOf } from "../../control/control-file.ts";
import { watchFile, watchFolder } from "../../control/watch.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

/** Everything a watch says, in order, and a way to wait for it. */
class Heard {
  readonly said: string[] = [];
  #waiting: (() => void)[] = [];

  #say(what: string): void {
    this.said.push(what);
    for (const resume of this.#waiting.splice(0)) resume();
  }
  changed = (name: string, digest: string) => this.#say(`${name} ${digest}`);
  deleted = (name: string) => this.#say(`${name} deleted`);
  failed = (error: unknown) => this.#say(`failed ${String(error)}`);

  async until(what: string): Promise<void> {
    while (this.said.at(-1) !== what) await new Promise<void>((resume) => this.#waiting.push(resume));
  }
  content = (name: string, content: string) => this.until(`${name} ${digestOf(content)}`);
}

async function watching(folder: string, start: typeof watchFolder = watchFolder) {
  const heard = new Heard();
  const watch: ContentWatch = await start(folder, heard);
  onTestFinished(() => watch.close());
  return { heard, watch };
}

function strategies(): { folder: string; file: string } {
  const folder = temporaryFolder();
  const file = join(folder, "momentum.ts");
  writeFileSync(file, "one");
  return { folder, file };
}

test("what is there at the start is known and not reported", async () => {
  const { folder, file } = strategies();
  const { heard, watch } = await watching(folder);
  expect([...watch.digests]).toEqual([["momentum.ts", digestOf("one")]]);
  writeFileSync(file, "two");
  await heard.content("momentum.ts", "two");
  expect(heard.said).not.toContain(`momentum.ts ${digestOf("one")}`);
});

test("a file that is replaced by a rename is reported, again and again", async () => {
  const { folder, file } = strategies();
  const { heard } = await watching(folder);
  for (const content of ["two", "three", "four"]) {
    writeFileSync(join(folder, ".momentum.ts.swp"), content);
    renameSync(join(folder, ".momentum.ts.swp"), file);
    await heard.content("momentum.ts", content);
  }
  expect(heard.said).toHaveLength(3);
});

test("a file that is emptied and written is reported with what it ends with", async () => {
  const { folder, file } = strategies();
  const { heard } = await watching(folder);
  writeFileSync(file, "");
  writeFileSync(file, "two");
  await heard.content("momentum.ts", "two");
});

test("edits 25 ms apart end with the last content reported", async () => {
  const { folder, file } = strategies();
  const { heard } = await watching(folder);
  let edit = 0;
  for await (const _ of setInterval(25)) {
    writeFileSync(file, `edit ${edit}`);
    if (++edit === 20) break;
  }
  await heard.content("momentum.ts", "edit 19");
});

test("a file that is written again with the same content is not reported", async () => {
  const { folder, file } = strategies();
  const { heard } = await watching(folder);
  writeFileSync(file, "one");
  utimesSync(file, 1, 1);
  writeFileSync(join(folder, "regime.ts"), "new");
  await heard.content("regime.ts", "new");
  expect(heard.said).toHaveLength(1);
});

test("a file that is deleted and restored is reported both times", async () => {
  const { folder, file } = strategies();
  const { heard, watch } = await watching(folder);
  unlinkSync(file);
  await heard.until("momentum.ts deleted");
  expect(watch.digests.size).toBe(0);
  writeFileSync(file, "one");
  await heard.content("momentum.ts", "one");
});

test("a folder that is deleted and restored is reported both times", async () => {
  const { folder, file } = strategies();
  const { heard } = await watching(folder);
  rmSync(folder, { recursive: true });
  await heard.until("momentum.ts deleted");
  mkdirSync(folder);
  writeFileSync(file, "one");
  await heard.content("momentum.ts", "one");
});

test("an imported file in a folder below counts, hidden and other files do not", async () => {
  const { folder } = strategies();
  mkdirSync(join(folder, "shared"));
  mkdirSync(join(folder, "node_modules"));
  const { heard } = await watching(folder);
  writeFileSync(join(folder, "notes.md"), "x");
  writeFileSync(join(folder, ".hidden.ts"), "x");
  writeFileSync(join(folder, "node_modules", "library.ts"), "x");
  writeFileSync(join(folder, "shared", "math.ts"), "two");
  await heard.content("shared/math.ts", "two");
  expect(heard.said).toHaveLength(1);
});

test("a single file is watched by name: missing, written, replaced, deleted", async () => {
  const folder = temporaryFolder();
  const file = join(folder, "control.json");
  const { heard } = await watching(file, watchFile);
  writeFileSync(join(folder, "status.json"), "{}");
  writeFileSync(file, "{}");
  await heard.content("control.json", "{}");
  writeFileSync(join(folder, "control.json.tmp"), "[]");
  renameSync(join(folder, "control.json.tmp"), file);
  await heard.content("control.json", "[]");
  unlinkSync(file);
  await heard.until("control.json deleted");
  expect(heard.said).toHaveLength(3);
});

test("after closing nothing is reported", async () => {
  const { folder, file } = strategies();
  const { heard, watch } = await watching(folder);
  await watch.close();
  writeFileSync(file, "two");
  const other = await watching(folder);
  writeFileSync(file, "three");
  await other.heard.content("momentum.ts", "three");
  expect(heard.said).toEqual([]);
});

test("a pipe or a folder in the file's place is reported once, never opened, and holds nothing up", async () => {
  const { folder, file } = strategies();
  const { heard, watch } = await watching(file, watchFile);
  unlinkSync(file);
  mkdirSync(join(folder, "momentum.ts"));
  await heard.until("momentum.ts not a file");
  rmSync(join(folder, "momentum.ts"), { recursive: true });
  execFileSync("mkfifo", [file]);
  await heard.until("momentum.ts not a file");
  rmSync(file);
  writeFileSync(file, "two");
  await heard.content("momentum.ts", "two");
  await watch.close();
});
