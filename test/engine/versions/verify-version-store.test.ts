import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { Replayer } from "../../../engine/replay/replayer.ts";
import { RecipeStore } from "../../../engine/versions/recipe-store.ts";
import { RuntimeStore } from "../../../engine/versions/runtime-store.ts";
import { verifyVersionStore } from "../../../engine/versions/verify-version-store.ts";
import { deciding } from "../../support/strategy-bundle.ts";
import { RecordedLife } from "../replay/recorded-life.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const FILES = { "a.ts": deciding("return hold(String(Math.floor(window.secondsLeft)));") };
const TRADERS = [{ slot: "BTC-5m-a", strategy: "a" }];

describe("what versions ran on", () => {
  let life: RecordedLife;
  let name = "";
  const folders = ["versions", "recipes", "runtimes"] as const;
  const fileIn = (folder: (typeof folders)[number]) => join(life.dir, folder, readdirSync(join(life.dir, folder))[0]!);

  beforeAll(async () => {
    life = await new RecordedLife(FILES, TRADERS).live(3);
    name = `a@${life.decisions[0]!.decisions[0]!.request.version.code.slice(0, 8)}`;
    return () => life.remove();
  });

  it("is kept once, however often it is loaded", async () => {
    const bytes = folders.map((folder) => readFileSync(fileIn(folder)));
    await life.live(1);
    expect(folders.map((folder) => readdirSync(join(life.dir, folder)).length)).toEqual([1, 1, 1]);
    expect(folders.map((folder) => readFileSync(fileIn(folder)))).toEqual(bytes);
    expect(verifyVersionStore(life.dir)).toEqual({ files: 3, bad: [] });
  });

  it.each(
    folders,
  )("is known to be damaged when any byte of a file of %s is flipped, by its name and version", (folder) => {
    const file = fileIn(folder);
    const bytes = readFileSync(file);
    const spread = Array.from({ length: 24 }, (_, n) => (n < 10 ? n : Math.floor(((n - 9) * bytes.length) / 15)));
    for (const at of [...spread, bytes.length - 1]) {
      const flipped = Buffer.from(bytes);
      flipped[at]! ^= 1;
      writeFileSync(file, flipped);
      const { bad } = verifyVersionStore(life.dir);
      expect(
        bad.map((each) => each.file),
        `byte ${at}`,
      ).toEqual([file]);
      expect(bad[0]!.what).toContain(folder === "runtimes" ? name : name.slice(2));
    }
    writeFileSync(file, bytes);
    expect(verifyVersionStore(life.dir).bad).toEqual([]);
  });

  it.each(["versions", "runtimes"] as const)("is known to be missing when a file of %s is gone", (folder) => {
    const file = fileIn(folder);
    const bytes = readFileSync(file);
    rmSync(file);
    expect(verifyVersionStore(life.dir).bad).toEqual([{ file, what: expect.stringContaining(name) }]);
    writeFileSync(file, bytes);
  });

  it("is nothing where no bot ever ran", () => {
    expect(verifyVersionStore(temporaryFolder())).toEqual({ files: 0, bad: [] });
  });

  it("is what a version decides on again, and not what this release would load it on", async () => {
    const [recipes, runtimes] = [new RecipeStore(life.dir), new RuntimeStore(life.dir)];
    const { recipe, runtime } = recipes.get(recipes.list()[0]!);
    const parts = runtimes.get(runtime);
    const other = runtimes.put({ ...parts, guard: `${parts.guard}\nMath.floor = () => 7;` });
    rmSync(fileIn("recipes"));
    recipes.put({ recipe, runtime: other });
    const replayer = new Replayer(life.dir);
    for (const { cycle, decisions } of life.decisions) await replayer.replay(cycle, decisions);
    const { mismatched, mismatchedTotal } = replayer.report();
    expect(mismatchedTotal).toBe(life.decisions.length);
    expect(mismatched[0]).toMatchObject({ field: "reason", replayed: "7" });
  });
});
