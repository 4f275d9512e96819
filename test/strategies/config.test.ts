import { join } from "node:path";
import { expect, it } from "vitest";
import { parseConfig } from "../../control/config.ts";
import { DiskFolder } from "../../engine/versions/source-folder.ts";
import { InThreadWorkshop } from "../../engine/versions/workshop.ts";
import { temporaryFolder } from "../engine/versions/temporary-folder.ts";

it("the shipped configuration trades every asset in both windows, and uses every shipped strategy with params it has", async () => {
  const workshop = new InThreadWorkshop({ strategiesDir: "strategies", dataDir: temporaryFolder() });
  const evaluated = await workshop.evaluateConfig(join(process.cwd(), "underway.config.ts"));
  if (evaluated.type === "Refused") throw new Error(JSON.stringify(evaluated.errors));
  const { slots } = parseConfig(evaluated.value, "underway.config.ts").settings;
  expect(new Set(slots.map(({ asset, interval }) => `${asset} ${interval}`)).size).toBe(16);
  expect(slots.map(({ id }) => id)).toContain("BTC-5m-momentum");
  const names = new DiskFolder("strategies").strategies().map((file) => file.replace(".ts", ""));
  expect([...new Set(slots.map(({ strategy }) => strategy))].sort()).toEqual(names);
  for (const name of names) {
    const overrides = slots.filter(({ strategy }) => strategy === name).map(({ params }) => params);
    expect(await workshop.prepare(name, overrides)).toMatchObject({ type: "Prepared" });
  }
});
