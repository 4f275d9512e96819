// `check`: everything a save goes through up to loading, and the type check, without a bot and without leaving anything behind.
import { existsSync } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { UserError } from "../../engine/base/errors.ts";
import { shortVersion } from "../../engine/base/ids.ts";
import type { Manifest } from "../../engine/frame/manifest.ts";
import { DEFAULT_VARIANT, type EngineVariant } from "../../engine/sandbox/engine-module.ts";
import { Loader } from "../../engine/sandbox/loader.ts";
import type { Artifact, ReloadStage, SourceError } from "../../engine/versions/port.ts";
import { Refusal } from "../../engine/versions/source-error.ts";
import { DiskFolder, fileName } from "../../engine/versions/source-folder.ts";
import { TypeChecker } from "../../engine/versions/type-check.ts";
import { loadArtifact, makeArtifact } from "../../engine/versions/workshop.ts";

export interface CheckOptions {
  readonly strategiesDir: string;
  readonly engine?: EngineVariant;
  /** As typed; none = every strategy of the folder. */
  readonly files: readonly string[];
}

export interface CheckReport {
  readonly file: string;
  /** `momentum@3f9a2c1e`; null when it could not be bundled. */
  readonly version: string | null;
  /** Found by rehearsal, which this check does not do yet. */
  readonly pure: null;
  /** For default params; null when it could not be loaded. */
  readonly inputs: Manifest["inputs"] | null;
  readonly errors: readonly (SourceError & { readonly stage: ReloadStage })[];
}

/** One report a file, in the order asked for. */
export async function checkStrategies(options: CheckOptions): Promise<CheckReport[]> {
  const [loader, types] = await Promise.all([Loader.create(options.engine), TypeChecker.create()]);
  const reports: CheckReport[] = [];
  for (const { folder, entry } of chosen(options))
    reports.push(await check(folder, entry, { engine: options.engine ?? DEFAULT_VARIANT, loader, types }));
  return reports;
}

interface Tools {
  readonly engine: EngineVariant;
  readonly loader: Loader;
  readonly types: TypeChecker;
}

async function check(folder: DiskFolder, entry: string, { engine, loader, types }: Tools): Promise<CheckReport> {
  const file = fileName(folder, entry);
  let artifact: Artifact;
  try {
    artifact = await makeArtifact(folder, entry, engine);
  } catch (error) {
    return { file, version: null, pure: null, inputs: null, errors: errorsOf(error) };
  }
  const wrong = types.check(folder.name, entry, artifact.sources);
  const errors = wrong.map((error) => ({ stage: "type-checked" as const, ...error }));
  const version = shortVersion(artifact.strategy, artifact.code);
  try {
    const { manifest } = loadArtifact(loader, artifact, {}, folder).facts;
    return { file, version, pure: null, inputs: manifest.inputs, errors };
  } catch (error) {
    return { file, version, pure: null, inputs: null, errors: [...errors, ...errorsOf(error)] };
  }
}

function errorsOf(error: unknown): CheckReport["errors"] {
  if (!(error instanceof Refusal)) throw error;
  return error.errors.map((each) => ({ stage: error.stage, ...each }));
}

interface Chosen {
  readonly folder: DiskFolder;
  readonly entry: string;
}

function chosen({ strategiesDir, files }: CheckOptions): readonly Chosen[] {
  const strategies = new DiskFolder(strategiesDir);
  if (files.length > 0) {
    return files.map((typed) => {
      const file = asPath(typed, strategiesDir);
      const path = relative(resolve(strategiesDir), resolve(file)).split(sep).join("/");
      const isInside = !path.startsWith("../") && resolve(strategiesDir, path) === resolve(file);
      return isInside
        ? { folder: strategies, entry: path }
        : { folder: new DiskFolder(dirname(resolve(file))), entry: basename(file) };
    });
  }
  const all = strategies.strategies();
  if (all.length === 0) {
    throw new UserError("usage", `Cannot check ${strategiesDir}: it holds no strategy`, {
      where: join(strategiesDir, "*.ts"),
      hint: "Name the files, or the folder with --strategies",
    });
  }
  return all.map((entry) => ({ folder: strategies, entry }));
}

/** `momentum` and `momentum.ts` mean the strategy of that name where there is no such file. */
function asPath(typed: string, strategiesDir: string): string {
  const named = join(strategiesDir, typed.endsWith(".ts") ? typed : `${typed}.ts`);
  return !existsSync(typed) && existsSync(named) ? named : typed;
}

/** For people: one line a strategy, and below it each error with the lines around it. */
export function renderCheck(reports: readonly CheckReport[], colour: boolean): string {
  const paint = (code: number, text: string): string => (colour ? `\x1b[${code}m${text}\x1b[0m` : text);
  const [bold, red, green, dim] = [1, 31, 32, 2];
  const lines = reports.flatMap(({ file, version, inputs, errors }) => {
    const mark = errors.length === 0 ? paint(green, "✓") : paint(red, "✗");
    const reads = inputs === null ? "" : paint(dim, `  reads ${Object.keys(inputs).join(", ") || "nothing"}`);
    return [
      `${mark} ${paint(bold, file)}${version === null ? "" : `  ${version}`}${reads}`,
      ...errors.flatMap(({ stage, file, line, column, message, frame }) => [
        `    ${file}:${line}:${column}  ${paint(red, message)} ${paint(dim, `(${stage})`)}`,
        ...(frame === null ? [] : frame.split("\n").map((text) => `      ${text}`)),
      ]),
    ];
  });
  const failed = reports.filter(({ errors }) => errors.length > 0).length;
  const verdict = failed === 0 ? "all well" : `${failed} refused`;
  return [...lines, "", `${reports.length} checked, ${verdict}`, ""].join("\n");
}
