import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { ENGINE_VARIANTS } from "../engine/sandbox/engine-module.ts";
import type { Row } from "./bench/row.ts";

const MAIN = fileURLToPath(new URL("./bench/main.ts", import.meta.url));
const bench = (...args: string[]) => promisify(execFile)(process.execPath, [MAIN, ...args]);

test("the bench prints a row with both engines, and tells its progress apart from it", async () => {
  const { stdout, stderr } = await bench("--only", "restore");
  expect(stdout).toMatch(/^row +engine .*ratios +budget\nrestore alone +bellard .*× memcpy\n +ng .*× memcpy\n/);
  expect(stderr).toBe("bench: restore, starting\n");
});

test("the bench's figures are there for machines", async () => {
  const { stdout } = await bench("--only", "restore", "--json");
  const { rows } = JSON.parse(stdout) as { readonly rows: readonly Row[] };
  expect(rows.map(({ name }) => name)).toEqual(["restore alone"]);
  expect(rows[0]!.figures.map(({ engine }) => engine)).toEqual(ENGINE_VARIANTS);
  for (const { value, ratios } of rows[0]!.figures) expect(value > 0 && ratios.memcpy! > 0).toBe(true);
});

test("the bench says which rows it has", async () => {
  await expect(bench("--only", "speed")).rejects.toMatchObject({
    code: 2,
    stderr: "--only is speed, expected one of decide, restore, load, cycle, takeover, memory, backtest, evidence\n",
  });
});
