// `check`: everything a save goes through up to loading, the type check and the question of purity, without a bot and without
// leaving anything behind.
import { existsSync } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { UserError } from "../../engine/base/errors.ts";
import { DEFAULT_VARIANT, type EngineVariant } from "../../engine/sandbox/engine-module.ts";
import { type CheckOrder, CheckThread } from "../../engine/versions/check-thread.ts";
import type { SourceError } from "../../engine/versions/port.ts";
import { DiskFolder } from "../../engine/versions/source-folder.ts";
import type { CheckReport } from "../../engine/versions/strategy-check.ts";

export interface CheckOptions {
  readonly strategiesDir: string;
  readonly engine?: EngineVariant;
  /** As typed; none = every strategy of the folder. */
  readonly files: readonly string[];
}

/** One report a file, in the order asked for. */
export async function checkStrategies(options: CheckOptions): Promise<CheckReport[]> {
  const orders = chosen(options);
  const thread = new CheckThread(options.engine ?? DEFAULT_VARIANT);
  try {
    const reports: CheckReport[] = [];
    for (const order of orders) reports.push(await thread.check(order));
    return reports;
  } finally {
    await thread.close();
  }
}

function chosen({ strategiesDir, files }: CheckOptions): readonly CheckOrder[] {
  if (files.length > 0) return files.map((typed) => strategyFile(typed, strategiesDir));
  const all = new DiskFolder(strategiesDir).strategies();
  if (all.length === 0) {
    throw new UserError("usage", `Cannot check ${strategiesDir}: it holds no strategy`, {
      where: join(strategiesDir, "*.ts"),
      hint: "Name the files, or the folder with --strategies",
    });
  }
  return all.map((entry) => ({ root: strategiesDir, entry }));
}

/** What was typed, as a file of the strategies folder, or of its own where it lies elsewhere. */
export function strategyFile(typed: string, strategiesDir: string): CheckOrder {
  const file = asPath(typed, strategiesDir);
  const path = relative(resolve(strategiesDir), resolve(file)).split(sep).join("/");
  const isInside = !path.startsWith("../") && resolve(strategiesDir, path) === resolve(file);
  return isInside ? { root: strategiesDir, entry: path } : { root: dirname(resolve(file)), entry: basename(file) };
}

/** `momentum` and `momentum.ts` mean the strategy of that name where there is no such file. */
function asPath(typed: string, strategiesDir: string): string {
  const named = join(strategiesDir, typed.endsWith(".ts") ? typed : `${typed}.ts`);
  return !existsSync(typed) && existsSync(named) ? named : typed;
}

/** A problem at its place, with the lines around it. */
export const placed = ({ file, line, column, frame }: SourceError, said: string): string[] => [
  `    ${line > 0 ? `${file}:${line}:${column}` : file}  ${said}`,
  ...(frame === null ? [] : frame.split("\n").map((text) => `      ${text}`)),
];

/** For people: one line a strategy, and below it what is wrong and what makes it impure, with the lines around. */
export function renderCheck(reports: readonly CheckReport[], colour: boolean): string {
  const paint = (code: number, text: string): string => (colour ? `\x1b[${code}m${text}\x1b[0m` : text);
  const [bold, red, green, yellow, dim] = [1, 31, 32, 33, 2];
  const lines = reports.flatMap(({ file, version, pure, impure, inputs, errors }) => {
    const mark = errors.length === 0 ? paint(green, "✓") : paint(red, "✗");
    const purity = pure === null ? "" : pure ? "  pure" : `  ${paint(yellow, "impure")}`;
    const reads = inputs === null ? "" : paint(dim, `  reads ${Object.keys(inputs).join(", ") || "nothing"}`);
    return [
      `${mark} ${paint(bold, file)}${version === null ? "" : `  ${version}`}${purity}${reads}`,
      ...errors.flatMap((error) => placed(error, `${paint(red, error.message)} ${paint(dim, `(${error.stage})`)}`)),
      ...impure.flatMap((reason) => placed(reason, `impure: ${paint(yellow, reason.message)}`)),
    ];
  });
  const failed = reports.filter(({ errors }) => errors.length > 0).length;
  const forgetful = reports.filter(({ pure }) => pure === false).length;
  const verdict = failed === 0 ? "all well" : `${failed} refused`;
  const note =
    forgetful === 0 ? "" : `, ${forgetful} impure: each decision starts afresh, whatever the one before has changed`;
  return [...lines, "", `${reports.length} checked, ${verdict}${note}`, ""].join("\n");
}
