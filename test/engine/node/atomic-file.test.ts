import { mkdirSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { writeFileAtomic, writeFileAtomicSync } from "../../../engine/node/atomic-file.ts";

const writers = {
  writeFileAtomic,
  writeFileAtomicSync: async (...args: Parameters<typeof writeFileAtomicSync>) => writeFileAtomicSync(...args),
};

describe.each(Object.entries(writers))("%s", (_name, write) => {
  const dir = mkdtempSync(join(tmpdir(), "underway-atomic-"));
  const path = join(dir, "status.json");

  test.each([true, false])("replaces the file and leaves nothing beside it, durable: %s", async (durable) => {
    await write(path, "old and longer", { durable });
    await write(path, "new", { durable });
    expect(readFileSync(path, "utf8")).toBe("new");
    expect(readdirSync(dir)).toEqual(["status.json"]);
  });

  test("a failed write leaves what was there, and nothing beside it", async () => {
    const blocked = join(dir, "blocked");
    mkdirSync(join(blocked, "child"), { recursive: true });
    await expect(write(blocked, "text", { durable: false })).rejects.toThrow();
    expect(readdirSync(blocked)).toEqual(["child"]);
    expect(readdirSync(dir).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  test("writes at the same time each arrive whole", async () => {
    const texts = Array.from({ length: 20 }, (_, i) => String(i).repeat(10_000));
    await Promise.all(texts.map((text) => write(path, text, { durable: false })));
    expect(texts).toContain(readFileSync(path, "utf8"));
  });
});
