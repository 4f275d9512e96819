// The DSL as text: what strategies are bundled against, type-checked against and hashed with. Read once per process.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Files by path relative to their root, `/` between folders. */
export type Sources = { readonly [path: string]: string };

export const PACKAGE_ROOT = fileURLToPath(new URL("../../", import.meta.url));

function readTree(root: string): Sources {
  const files = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`)
    .sort();
  return Object.fromEntries(
    files.map((file) => [
      file.slice(root.length).replaceAll("\\", "/").replace(/^\/+/, ""),
      readFileSync(file, "utf8"),
    ]),
  );
}

let sources: Sources | null = null;

/** Every file under dsl/, the guest runtime included. */
export function dslSources(): Sources {
  sources ??= readTree(`${PACKAGE_ROOT}dsl`);
  return sources;
}
