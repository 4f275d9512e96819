// `diff`: two versions of a strategy, in what they say and in what they decide.
import { resolve } from "node:path";
import type { EngineVariant } from "../../engine/sandbox/engine-module.ts";
import { DryRunThread } from "../dry-run/dry-run-thread.ts";
import type { VersionDiff } from "../dry-run/version-diff.ts";
import { plural } from "../number-format.ts";
import { type ReportOptions, renderRehearsal } from "../rehearsal-report.ts";
import { columns, endWithReader, hasColor } from "../terminal.ts";
import { painter, type Style } from "../text-table.ts";
import { progressOn } from "./dry-run.ts";

export interface DiffFlags {
  readonly dir: string;
  readonly config: string;
  readonly engine: EngineVariant;
  readonly json?: boolean;
}

export async function showDiff(from: string, to: string, flags: DiffFlags): Promise<number> {
  endWithReader();
  const progress = await progressOn(process.stderr);
  const thread = new DryRunThread();
  let diff: VersionDiff;
  try {
    const { engine } = flags;
    const order = { from, to, dir: resolve(flags.dir), config: resolve(flags.config), engine };
    diff = await thread.diffVersions(order, { stage: () => {}, walking: progress.show, alive: () => {} });
  } finally {
    progress.close();
    await thread.close();
  }
  const paint = painter(hasColor());
  process.stdout.write(flags.json ? `${JSON.stringify(diff)}\n` : renderDiff(diff, { width: columns(), paint }));
  return 0;
}

export function renderDiff({ from, to, files, decisions }: VersionDiff, options: ReportOptions): string {
  const { paint } = options;
  const code =
    files.length === 0 ? "the same code" : `${plural(files.length, "file")} differ${files.length === 1 ? "s" : ""}`;
  const patches = files.map(({ patch }) =>
    patch
      .trimEnd()
      .split("\n")
      .map((line) => paint(styleOf(line), line)),
  );
  const decided =
    decisions === null
      ? [["Nothing is recorded here yet, so what they decide cannot be compared."]]
      : renderRehearsal(decisions, options);
  const blocks = [[paint("bold", `${from} → ${to}: ${code}`)], ...patches, ...decided];
  return `${blocks.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

function styleOf(line: string): Style {
  if (line.startsWith("+++") || line.startsWith("---")) return "bold";
  if (line.startsWith("@@")) return "cyan";
  return line.startsWith("+") ? "green" : line.startsWith("-") ? "red" : "reset";
}
