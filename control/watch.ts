// What the bot watches: the strategies folder, and single files (control.json, the configuration).
import { readdir } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { watch } from "chokidar";
import { type ContentListener, type ContentWatch, watchContent } from "./content-watch.ts";

/** Deeper folders and further files are not looked at. */
const DEPTH_MAX = 5;
const FILES_MAX = 1_000;

const isHidden = (name: string): boolean => name.startsWith(".") || name === "node_modules";

/** Every TypeScript file in the folder and below: a strategy changes with whatever it imports. The caller knows which do. */
export function watchFolder(folder: string, listener: ContentListener): Promise<ContentWatch> {
  const watcher = watch(folder, {
    ignoreInitial: true,
    depth: DEPTH_MAX,
    ignored: (path) => path !== folder && isHidden(basename(path)),
  });
  return watchContent(watcher, () => sourcesIn(folder), listener);
}

async function sourcesIn(folder: string): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  const pending = [{ path: folder, name: "", depth: 0 }];
  for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
    const entries = await readdir(next.path, { withFileTypes: true }).catch(nothingIfMissing);
    for (const entry of entries.filter((entry) => !isHidden(entry.name))) {
      const path = join(next.path, entry.name);
      const name = `${next.name}${entry.name}`;
      if (entry.isDirectory()) {
        if (next.depth < DEPTH_MAX) pending.push({ path, name: `${name}/`, depth: next.depth + 1 });
      } else if (name.endsWith(".ts") && files.size < FILES_MAX) files.set(name, path);
    }
  }
  return files;
}

function nothingIfMissing(error: NodeJS.ErrnoException): [] {
  if (error.code === "ENOENT") return [];
  throw error;
}

/** One file, by its own name. Its folder is watched, since a file that is replaced takes its own watch with it. */
export function watchFile(file: string, listener: ContentListener): Promise<ContentWatch> {
  const path = resolve(file);
  const folder = dirname(path);
  const watcher = watch(folder, {
    ignoreInitial: true,
    depth: 0,
    ignored: (other) => other !== folder && basename(other) !== basename(path),
  });
  const files = new Map([[basename(path), path]]);
  return watchContent(watcher, async () => files, listener);
}
