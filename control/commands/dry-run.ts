// `dry-run`: everything that a reload goes through up to its gate, for a strategy as it is on disk, without a bot.
import { existsSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import type { Asset } from "../../dsl/asset.ts";
import { UserError } from "../../engine/base/errors.ts";
import type { EngineVariant } from "../../engine/sandbox/engine-module.ts";
import { DiskFolder } from "../../engine/versions/source-folder.ts";
import type { DryRunOrder, DryRunOutcome } from "../dry-run/dry-run.ts";
import { DryRunThread } from "../dry-run/dry-run-thread.ts";
import { didYouMeanOneOf } from "../nearest.ts";
import { count } from "../number-format.ts";
import { pnlEffectMicros, type ReportOptions, renderRehearsal } from "../rehearsal-report.ts";
import { columns, hasColor } from "../terminal.ts";
import { painter, wrap } from "../text-table.ts";
import { placed, strategyFile } from "./check.ts";

export interface DryRunFlags {
  readonly data: readonly string[];
  readonly asset?: Asset;
  readonly against?: string;
  readonly trace?: string;
  readonly strategies: string;
  readonly config: string;
  readonly dir: string;
  readonly engine: EngineVariant;
  readonly json?: boolean;
}

/** 1 when the gate would refuse. */
export async function showDryRun(typed: string, flags: DryRunFlags): Promise<number> {
  const order = orderOf(typed, flags);
  if (!flags.json) process.stderr.write(`Rehearsing ${relative("", join(order.strategiesDir, order.entry))} …\n`);
  const progress = await progressOn(process.stderr);
  const thread = new DryRunThread();
  let outcome: DryRunOutcome;
  try {
    outcome = await thread.dryRun(order, { stage: () => {}, walking: progress.show, alive: () => {} });
  } finally {
    progress.close();
    await thread.close();
  }
  const paint = painter(hasColor());
  process.stdout.write(
    flags.json ? `${JSON.stringify(dryRunJson(outcome))}\n` : renderDryRun(outcome, { width: columns(), paint }),
  );
  return outcome.gate.verdict === "pass" ? 0 : 1;
}

function orderOf(typed: string, flags: DryRunFlags): DryRunOrder {
  const { root, entry } = strategyFile(typed, flags.strategies);
  if (!existsSync(join(root, entry))) {
    const folder = flags.strategies;
    const known = existsSync(folder)
      ? new DiskFolder(folder).strategies().map((name) => name.replace(/\.ts$/, ""))
      : [];
    const why = `there is no such strategy${didYouMeanOneOf(typed, known)}`;
    throw new UserError("usage", `Cannot rehearse "${typed}": ${why}`, {
      where: folder,
      hint: "name the file, or the folder with --strategies",
    });
  }
  if (flags.trace !== undefined && flags.data.map((path) => resolve(path)).includes(resolve(flags.trace))) {
    throw new UserError("usage", "Cannot write the trace over the data", { where: flags.trace });
  }
  return {
    strategiesDir: resolve(root),
    entry,
    config: resolve(flags.config),
    dir: resolve(flags.dir),
    data: flags.data.map((path) => resolve(path)),
    asset: flags.asset ?? null,
    against: flags.against ?? null,
    trace: flags.trace === undefined ? null : resolve(flags.trace),
    engine: flags.engine,
  };
}

/** A bar, on a terminal only: it says nothing that the report does not. */
export async function progressOn(stream: NodeJS.WriteStream) {
  if (!stream.isTTY) return { show: () => {}, close: () => {} };
  const { Progress } = await import("../run/progress.ts");
  let bar: InstanceType<typeof Progress> | null = null;
  return {
    show: (fromMs: number, toMs: number, atMs: number) => {
      bar ??= new Progress(stream, fromMs, Number.isFinite(toMs) ? toMs : null);
      bar.show(atMs);
    },
    close: () => bar?.close(),
  };
}

/** The last line of stdout with --json. */
export function dryRunJson({ report, ...outcome }: DryRunOutcome) {
  const { version, against, gate, stages, ...rest } = outcome;
  if (report === null) {
    const none = { frames: 0, sampledOf: 0, pure: null, fuel: null, changed: [], pnlMicros: null };
    return { version, against, gate, stages, ...none, ...rest };
  }
  return { version, gate, stages, ...report, pnlMicros: pnlEffectMicros(report), ...rest };
}

/** For people: the verdict in a sentence, the stages, what is wrong, and what the rehearsal found. */
export function renderDryRun(outcome: DryRunOutcome, options: ReportOptions): string {
  const { stages, report, gate } = outcome;
  const { paint, width } = options;
  const errors = stages.flatMap(({ stage, errors = [] }) =>
    stage === "gated" ? [] : errors.flatMap((error) => placed(error, paint("red", error.message))),
  );
  const isSaid = (reason: string) =>
    stages.some((each) => each.stage !== "gated" && each.errors?.some(({ message }) => reason.includes(message)));
  const firstFault = report?.firstFault?.frame?.split("\n").map((line) => `      ${line}`) ?? [];
  const passed = stages.map(({ stage, ok, ms }) => `${ok ? "" : "✗ "}${stage} ${count(Math.round(ms))} ms`).join(" · ");
  const blocks = [
    [...wrap(verdict(outcome), width).map((line) => paint(gate.verdict === "pass" ? "green" : "red", line))],
    wrap(passed, width).map((line) => paint("gray", line)),
    [
      ...errors,
      ...gate.reasons.filter((reason) => !isSaid(reason)).flatMap((reason) => wrap(reason, width)),
      ...firstFault,
    ],
    ...(report === null ? [] : renderRehearsal(report, options)),
  ];
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join("\n"))
    .join("\n\n")}\n`;
}

function verdict({ file, version, gate, stages }: DryRunOutcome): string {
  const name = version ?? file;
  if (gate.verdict === "refuse") {
    const stage = stages.find(({ ok, stage }) => !ok && stage !== "gated")?.stage ?? "the gate";
    return `✗ ${name} would be refused at ${stage === "rehearsed" ? "the gate" : stage}.`;
  }
  if (gate.policy === "auto") return `✓ ${name} would pass the gate and trade from the next cycle on.`;
  if (gate.policy === "ungated") return `✓ ${name} would trade from the next cycle on: its gate is open.`;
  return `✓ ${name} would pass its rehearsal, and then has to pass ${gate.policy}.`;
}
