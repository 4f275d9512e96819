// Which commit a folder is checked out at, read from git's own files: no process is started for it.
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

const COMMIT = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;

/** HEAD of the work tree that `folder` lies in; null where it lies in none, or has no commit yet. */
export function gitCommitOf(folder: string): string | null {
  try {
    const git = gitFolderAbove(resolve(folder));
    return git === null ? null : headOf(git);
  } catch {
    return null; // It is a hint for people: whatever is odd about the repository is no reason not to load a strategy.
  }
}

function gitFolderAbove(folder: string): string | null {
  const found = join(folder, ".git");
  if (!existsSync(found)) return dirname(folder) === folder ? null : gitFolderAbove(dirname(folder));
  if (statSync(found).isDirectory()) return found;
  // A linked work tree, or a submodule: the file says where git keeps it.
  return resolve(
    folder,
    readFileSync(found, "utf8")
      .replace(/^gitdir:/, "")
      .trim(),
  );
}

function headOf(git: string): string | null {
  const head = readFileSync(join(git, "HEAD"), "utf8").trim();
  if (!head.startsWith("ref:")) return COMMIT.test(head) ? head : null;
  const ref = head.slice("ref:".length).trim();
  const shared = join(git, "commondir");
  const folders = existsSync(shared) ? [git, resolve(git, readFileSync(shared, "utf8").trim())] : [git];
  for (const folder of folders) {
    const loose = join(folder, ref);
    if (existsSync(loose)) return asCommit(readFileSync(loose, "utf8").trim());
    const packed = join(folder, "packed-refs");
    const line = existsSync(packed)
      ? readFileSync(packed, "utf8")
          .split("\n")
          .find((text) => text.endsWith(` ${ref}`))
      : undefined;
    if (line !== undefined) return asCommit(line.slice(0, line.indexOf(" ")));
  }
  return null;
}

const asCommit = (text: string): string | null => (COMMIT.test(text) ? text : null);
