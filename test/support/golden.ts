// The data directories of earlier releases, as they left them: see test/fixtures/make-golden.ts.
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { openDatabase } from "../../engine/store/database.ts";

const GOLDEN = fileURLToPath(new URL("../fixtures/golden", import.meta.url));

export const goldenReleases = (): readonly string[] => readdirSync(GOLDEN).sort();

/** A copy, its ledger brought up to date as a bot's start would. */
export function openGolden(release: string): { readonly dir: string; remove(): void } {
  const dir = mkdtempSync(join(tmpdir(), "underway-golden-"));
  cpSync(join(GOLDEN, release), dir, { recursive: true });
  writeFileSync(join(dir, "underway.db"), gunzipSync(readFileSync(join(dir, "underway.db.gz"))));
  rmSync(join(dir, "underway.db.gz"));
  openDatabase(dir).close();
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}
