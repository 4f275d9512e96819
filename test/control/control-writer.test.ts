import { execFile } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { digestOf } from "../../control/control-file.ts";
import { type Written, writeControl } from "../../control/control-writer.ts";
import { dataDirectory } from "../../control/data-directory.ts";
import { exampleStatus } from "../support/status-example.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const PROCESSES = 4;
const WRITES = 6;
const read = (path: string) => JSON.parse(readFileSync(path, "utf8"));

test("several processes write at once: every version is distinct and no change is lost", async () => {
  const directory = dataDirectory(temporaryFolder());
  const outputs = await Promise.all(
    Array.from({ length: PROCESSES }, (_, i) =>
      promisify(execFile)(process.execPath, [
        "test/fixtures/control-writer-process.ts",
        directory.root,
        `writer${i}`,
        String(WRITES),
      ]),
    ),
  );
  const written = outputs.flatMap(({ stdout }) =>
    stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Written),
  );
  const versions = written.map(({ version }) => version).sort((a, b) => a - b);
  expect(versions).toEqual(Array.from({ length: PROCESSES * WRITES }, (_, i) => i + 1));
  const control = read(directory.control);
  expect(Object.keys(control.slots)).toHaveLength(PROCESSES * WRITES);
  expect(written.find(({ version }) => version === control.version)?.digest).toBe(
    digestOf(readFileSync(directory.control)),
  );
  expect(readdirSync(directory.root).filter((name) => name.endsWith(".tmp"))).toEqual([]);
});

test("writers in one process take turns", async () => {
  const directory = dataDirectory(temporaryFolder());
  const modes = ["active", "halted", "flatten"] as const;
  const written = await Promise.all(
    modes.map((mode) => writeControl(directory, (control) => ({ ...control, mode }), { author: "ops" })),
  );
  expect(new Set(written.map(({ version }) => version))).toEqual(new Set([1, 2, 3]));
});

test("the version is above everything the bot has seen, and author and reason are those of this change", async () => {
  const directory = dataDirectory(temporaryFolder());
  writeFileSync(
    directory.control,
    JSON.stringify({ version: 3, author: "old", reason: "old", sizing: { scale: 0.5 } }),
  );
  writeFileSync(directory.status, JSON.stringify(exampleStatus({ observedVersion: 11 })));
  const { version } = await writeControl(directory, (control) => ({ ...control, mode: "halted" }), { author: "ops" });
  expect(version).toBe(12);
  expect(read(directory.control)).toEqual({ version: 12, author: "ops", sizing: { scale: 0.5 }, mode: "halted" });
});

test("a file that is broken does not stop a halt: the change starts from what runs", async () => {
  const directory = dataDirectory(temporaryFolder());
  writeFileSync(directory.control, '{"version": 9, "sizi');
  const applied = { version: 8, cycle: 5, control: { version: 8, sizing: { scale: 0.5 } } };
  writeFileSync(directory.status, JSON.stringify(exampleStatus({ applied })));
  const { replaced } = await writeControl(directory, (control) => ({ ...control, mode: "halted" }), { author: "ops" });
  expect(replaced).toContain("not JSON");
  expect(read(directory.control)).toEqual({ version: 9, author: "ops", sizing: { scale: 0.5 }, mode: "halted" });
});

test("a file that the bot has refused is not built upon", async () => {
  const directory = dataDirectory(temporaryFolder());
  const refused = JSON.stringify({ version: 9, strategies: { nobody: { enabled: true } } });
  writeFileSync(directory.control, refused);
  const error = { code: "UnknownStrategy", path: "$.strategies.nobody", message: "is not a strategy" };
  writeFileSync(
    directory.status,
    JSON.stringify(exampleStatus({ observedVersion: 9, observedDigest: digestOf(refused), result: "Nack", error })),
  );
  await writeControl(directory, (control) => ({ ...control, mode: "halted" }), { author: "ops" });
  expect(read(directory.control)).toEqual({ version: 10, author: "ops", mode: "halted" });
});

test("commands that took effect are not written again", async () => {
  const directory = dataDirectory(temporaryFolder());
  const command = (id: string) => ({ id, kind: "ack-alarm", alarm: 1 });
  writeFileSync(directory.control, JSON.stringify({ version: 1, commands: [command("done"), command("waiting")] }));
  writeFileSync(
    directory.status,
    JSON.stringify(exampleStatus({ commands: [{ id: "done", cycle: 4, effect: "acknowledged" }] })),
  );
  await writeControl(directory, (control) => control, { author: "ops" });
  expect(read(directory.control).commands).toEqual([command("waiting")]);
});

test("what the bot would refuse is not written", async () => {
  const directory = dataDirectory(temporaryFolder());
  const write = writeControl(directory, (control) => ({ ...control, sizing: { scale: 1.5 } }), { author: "ops" });
  await expect(write).rejects.toMatchObject({
    code: "nacked",
    message: "Refused: $.sizing.scale 1.5 is above 1; nothing was written",
  });
  expect(readdirSync(directory.root)).not.toContain("control.json");
});
