// The same decisions in two processes under this Node, and in one more under every other.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { EngineVariant } from "../../engine/sandbox/engine-module.ts";
import type { ProcessReport } from "./report.ts";

const run = promisify(execFile);
const ENTRY = fileURLToPath(new URL("./deciding-process.ts", import.meta.url));
const REPORT_BYTES_MAX = 1024 * 1024;

export interface Comparison {
  readonly engines: readonly EngineVariant[];
  /** Random frames for each strategy. */
  readonly frames: number;
  /** Paths of other Node binaries. */
  readonly nodes: readonly string[];
}

export async function compareProcesses(
  { engines, frames, nodes }: Comparison,
  progress: (text: string) => void = () => {},
): Promise<ProcessReport[]> {
  const own = process.execPath;
  const [version, ...others] = await Promise.all([own, ...nodes].map(versionOf));
  const processes = [
    { node: own, name: `${version} first` },
    { node: own, name: `${version} second` },
    ...nodes.map((node, index) => ({ node, name: others[index]! })),
  ];
  return Promise.all(
    processes.map(async ({ node, name }) => {
      const child = run(node, [ENTRY, name, String(frames), ...engines], { maxBuffer: REPORT_BYTES_MAX });
      child.child.stderr!.on("data", (text: Buffer) => progress(String(text)));
      return JSON.parse((await child).stdout) as ProcessReport;
    }),
  );
}

const versionOf = async (node: string): Promise<string> => `Node ${(await run(node, ["-v"])).stdout.trim().slice(1)}`;
