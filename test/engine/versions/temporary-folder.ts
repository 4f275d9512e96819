// A folder of strategies that lives as long as one test.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";

export function temporaryFolder(files: { readonly [path: string]: string } = {}, name = "strategies"): string {
  const parent = mkdtempSync(join(tmpdir(), "underway-"));
  onTestFinished(() => rmSync(parent, { recursive: true, force: true }));
  const folder = join(parent, name);
  mkdirSync(folder);
  write(folder, files);
  return folder;
}

export function write(folder: string, files: { readonly [path: string]: string }): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

/** A strategy that always answers the same; `head` comes first in the file, `body` first in decide(). */
export const holding = ({ head = "", body = "", reason = "waiting" } = {}): string => `${head}
import { hold, market, strategy } from "underway";
export default strategy({
  about: "Holds",
  inputs: () => ({ fair: market.probabilityUp() }),
  decide() {
    ${body}
    return hold(${JSON.stringify(reason)});
  },
});
`;
