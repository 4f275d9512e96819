import { existsSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { BALLAST_BYTES, Ballast } from "../../../engine/store/ballast.ts";
import { temporaryDir } from "../../contract/store.ts";

test("ballast grows to its size, in this life or the next, and is freed once", () => {
  const dir = temporaryDir();
  const path = join(dir, "ballast");
  expect(new Ballast(dir).grow()).toBe(true);
  const ballast = new Ballast(dir);
  let chunks = 1;
  while (ballast.grow()) chunks += 1;
  expect(statSync(path).size).toBe(BALLAST_BYTES);
  expect(chunks).toBe(32);
  truncateSync(path, 1);
  expect(ballast.release()).toBe(true);
  expect(existsSync(path)).toBe(false);
  expect(ballast.grow()).toBe(false);
  expect(ballast.release()).toBe(false);
});

test("ballast that cannot be written is done without", () => {
  expect(new Ballast(join(temporaryDir(), "missing")).grow()).toBe(false);
});
