// One strategy and its whole import graph as one script for the sandbox. Every file is read once, and the very text that was
// read is what is bundled and hashed; afterwards all are read again, and a change in between starts over.
import { type BuildFailure, type BuildOptions, build, type Message, type PartialMessage, type Plugin } from "esbuild";
import { REFUSED_SYNTAX, refusedNames } from "./admission.ts";
import { analyseBundle, type BundleAnalysis } from "./analysis/analyse-bundle.ts";
import { COMPILER_OPTIONS } from "./compiler.ts";
import { dslModule } from "./dsl-module.ts";
import type { Sources } from "./dsl-sources.ts";
import { type ImportRules, refusedKind, resolveImport } from "./import-rules.ts";
import type { ReloadStage, SourceError } from "./port.ts";
import { Refusal, sourceError } from "./source-error.ts";
import { fileName, type SourceFolder } from "./source-folder.ts";

export const BUNDLE_ATTEMPTS_MAX = 5;
export const SOURCE_FILES_MAX = 64;
/** Of all files together: a source map of this size is read in milliseconds when an error must be explained. */
export const GRAPH_BYTES_MAX = 512 * 1024;

export interface Bundle {
  /** Entry file and its import graph, by path relative to the folder. */
  readonly sources: Sources;
  readonly code: string;
  readonly sourceMap: string;
  readonly analysis: BundleAnalysis;
}

const USER = "strategies";
const DSL = "dsl";
const SOURCE_MAP_COMMENT =
  "Cannot use a sourceMappingURL comment: it makes the compiler read another file; delete the comment";

/** Throws a Refusal at stage "bundled" or "admitted". */
export async function bundle(folder: SourceFolder, entry: string, rules: ImportRules): Promise<Bundle> {
  for (let attempt = 1; ; attempt++) {
    const sources: Record<string, string> = {};
    let outcome: Bundle | Refusal;
    try {
      outcome = await bundleOnce(folder, entry, rules, sources);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      outcome = error;
    }
    // A half-written file is no verdict: whatever came out counts only if the files still are what was read.
    const changed = Object.keys(sources).find((path) => {
      const now = folder.read(path);
      return !("text" in now) || now.text !== sources[path];
    });
    if (changed === undefined) {
      if (outcome instanceof Refusal) throw outcome;
      return outcome;
    }
    if (attempt === BUNDLE_ATTEMPTS_MAX) {
      throw refusal(
        folder,
        changed,
        `The file changed during each of ${attempt} attempts to bundle it: save it once more`,
      );
    }
  }
}

async function bundleOnce(
  folder: SourceFolder,
  entry: string,
  rules: ImportRules,
  sources: Record<string, string>,
): Promise<Bundle> {
  const first = folder.read(entry);
  if ("problem" in first) throw refusal(folder, entry, `Cannot read ${fileName(folder, entry)}: ${first.problem}`);
  sources[entry] = first.text;
  const options: BuildOptions = {
    ...COMPILER_OPTIONS,
    entryPoints: [entry],
    outfile: "bundle.js",
    write: false,
    sourcemap: "external",
    logLevel: "silent",
    logOverride: Object.fromEntries(Object.keys(REFUSED_SYNTAX).map((id) => [id, "error"])),
    plugins: [files(folder, entry, rules, sources)],
  };
  const result = await build(options).catch((error: BuildFailure) => {
    if (!Array.isArray(error.errors)) throw error;
    throw failure(folder, entry, error.errors, sources);
  });
  takeTypes(folder, rules, sources);
  const text = (ending: string) => result.outputFiles!.find((file) => file.path.endsWith(ending))!.text;
  const code = text(".js");
  const sourceMap = named(text(".map"), folder);
  const found = refusedNames(code, sourceMap);
  if (found.length > 0) {
    const texts = new Map(Object.entries(sources).map(([path, text]) => [fileName(folder, path), text]));
    throw new Refusal(
      "admitted",
      found.map(({ source, line, column, message }) =>
        sourceError(source, line, column, message, texts.get(source) ?? null),
      ),
    );
  }
  return { sources, code, sourceMap, analysis: analyseBundle(code, sourceMap) };
}

/** Serves the user's files and the DSL from what was read; the disk is not seen by the bundler itself. */
function files(folder: SourceFolder, entry: string, rules: ImportRules, sources: Record<string, string>): Plugin {
  const refuse = (message: string, stage: ReloadStage) => ({ errors: [{ text: message, detail: stage }] });
  return {
    name: "underway",
    setup(builder) {
      builder.onResolve({ filter: /.*/ }, ({ path, importer, kind }) => {
        // Not `path`: the bundler writes it another way when the current folder happens to have a file of that name.
        if (kind === "entry-point") return { path: entry, namespace: USER };
        const notStatic = refusedKind(kind);
        if (notStatic !== null) return refuse(notStatic, "admitted");
        const resolution = resolveImport(path, importer, rules);
        if (resolution.type === "Refused") return refuse(resolution.message, "bundled");
        if (resolution.type === "Dsl") return { path: resolution.path, namespace: DSL };
        const problem = take(folder, resolution.path, sources);
        if (problem !== null) return refuse(`Cannot import "${path}": ${problem}`, "bundled");
        return { path: resolution.path, namespace: USER };
      });
      builder.onLoad({ filter: /.*/, namespace: USER }, ({ path }) => {
        const errors = sourceMapComments(sources[path]!, path);
        return errors.length > 0 ? { errors } : { contents: sources[path]!, loader: "ts" };
      });
      builder.onLoad({ filter: /.*/, namespace: DSL }, async ({ path }) => ({
        contents: await dslModule(path),
        loader: "js",
      }));
    },
  };
}

/** Reads a file into `sources`, once; otherwise why it cannot be had. */
function take(folder: SourceFolder, path: string, sources: Record<string, string>): string | null {
  if (sources[path] !== undefined) return null;
  const file = folder.read(path);
  if ("problem" in file) return file.problem;
  if (Object.keys(sources).length === SOURCE_FILES_MAX) return `a strategy has at most ${SOURCE_FILES_MAX} files`;
  if (bytesOf(sources) + Buffer.byteLength(file.text) > GRAPH_BYTES_MAX)
    return `a strategy and its imports have at most ${GRAPH_BYTES_MAX} bytes`;
  sources[path] = file.text;
  return null;
}

const IMPORTED_FILE = /\b(?:from|import)\s*\(?\s*(["'])(\.[^"'\n]*)\1/g;

/** Files of which only types are used: the bundler never asks for them, but the type check will. One that is missing is its to refuse. */
function takeTypes(folder: SourceFolder, rules: ImportRules, sources: Record<string, string>): void {
  const pending = Object.keys(sources);
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    for (const [, , specifier] of sources[path]!.matchAll(IMPORTED_FILE)) {
      const found = resolveImport(specifier!, path, rules);
      if (found.type !== "File" || sources[found.path] !== undefined) continue;
      if (take(folder, found.path, sources) === null) pending.push(found.path);
    }
  }
}

const bytesOf = (sources: Sources): number =>
  Object.values(sources).reduce((sum, text) => sum + Buffer.byteLength(text), 0);

/** The bundler would open the file that such a comment names, wherever it lies, and keep what it says. */
function sourceMapComments(text: string, path: string): PartialMessage[] {
  return text.split("\n").flatMap((lineText, index) => {
    const found = /(\/\/|\/\*)[#@]\s*sourceMappingURL=/.exec(lineText);
    if (found === null) return [];
    const column = Buffer.byteLength(lineText.slice(0, found.index));
    const location = { file: `${USER}:${path}`, line: index + 1, column, lineText };
    return [{ text: SOURCE_MAP_COMMENT, detail: "admitted", location }];
  });
}

function failure(folder: SourceFolder, entry: string, messages: readonly Message[], sources: Sources): Refusal {
  const stages = messages.map(stageOf);
  const stage = stages.includes("bundled") ? "bundled" : "admitted";
  return new Refusal(
    stage,
    messages.map((message) => toSourceError(folder, entry, message, sources)),
  );
}

function stageOf(message: Message): ReloadStage {
  if (message.detail === "bundled" || message.detail === "admitted") return message.detail;
  return REFUSED_SYNTAX[message.id] !== undefined || isTopLevelAwait(message) ? "admitted" : "bundled";
}

const isTopLevelAwait = ({ text }: Message): boolean => text.startsWith("Top-level await");

function toSourceError(folder: SourceFolder, entry: string, message: Message, sources: Sources): SourceError {
  const { location } = message;
  if (location === null) return sourceError(fileName(folder, entry), 1, 1, message.text, null);
  const path = location.file.replace(/^\w+:/, "");
  // The bundler counts columns in UTF-8 bytes; people and editors count characters.
  const before = Buffer.from(location.lineText).subarray(0, location.column).toString();
  // Of import("x") it names the text; the mistake is the import.
  const column = before.replace(/\bimport\s*\(\s*$/, "").length + 1;
  return sourceError(fileName(folder, path), location.line, column, wording(message), sources[path] ?? null);
}

function wording(message: Message): string {
  if (isTopLevelAwait(message)) return "Cannot use top-level await: a strategy is loaded and decides without waiting";
  const missing = /^No matching export in "dsl:[^"]*" for import "(.+)"$/.exec(message.text);
  if (missing !== null) {
    return `Cannot import "${missing[1]}" from "underway": there is no such name`;
  }
  return REFUSED_SYNTAX[message.id] ?? message.text.replaceAll(`${USER}:`, "");
}

/** The map's sources as people know them: `strategies/momentum.ts`, `dsl/signal.ts`. */
function named(sourceMap: string, folder: SourceFolder): string {
  const map = JSON.parse(sourceMap) as { sources: string[] };
  map.sources = map.sources.map((source) => {
    const [namespace, path = source] = source.split(":");
    return namespace === USER ? fileName(folder, path) : `${DSL}/${path}`;
  });
  return JSON.stringify(map);
}

const refusal = (folder: SourceFolder, path: string, message: string): Refusal =>
  new Refusal("bundled", [sourceError(fileName(folder, path), 1, 1, message, null)]);
