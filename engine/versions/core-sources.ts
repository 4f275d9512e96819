// The name of the core: what turns events into rows. Two runs of the same core, told the same, write the same.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { digestOfSources } from "./code-version.ts";
import { PACKAGE_ROOT } from "./dsl-sources.ts";

const FOLDERS = [
  ...["engine/base", "engine/market", "engine/frame", "engine/decide", "engine/risk", "engine/execution"],
  ...["engine/ledger", "engine/reload", "engine", "dsl", "dsl/indicators", "dsl/indicators/parts"],
];

/** sha256 over its sources. */
export function digestOfCore(): string {
  const paths = FOLDERS.flatMap((folder) =>
    readdirSync(join(PACKAGE_ROOT, folder))
      .filter((name) => name.endsWith(".ts"))
      .map((name) => `${folder}/${name}`),
  );
  return digestOfSources(Object.fromEntries(paths.map((path) => [path, readFileSync(PACKAGE_ROOT + path, "utf8")])));
}
