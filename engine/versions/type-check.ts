// A strategy or the configuration against the DSL's types, as an editor would show it. The TypeScript compiler is heavy: it is
// loaded by whoever asks for a check, and the DSL and TypeScript's own library stay parsed between checks.
import { dirname } from "node:path";
import type typescript from "typescript";
import { dslSources, type Sources } from "./dsl-sources.ts";
import type { SourceError } from "./port.ts";
import { sourceError } from "./source-error.ts";
import { fileName } from "./source-folder.ts";

const TYPE_ERRORS_MAX = 50;

// The checker sees these two folders and TypeScript's own library, and nothing else of the disk.
const USER = "/user/";
const DSL = "/dsl/";

/** Another edition is another text: what has the same is not parsed again. */
interface File {
  readonly text: string;
  readonly edition: number;
  readonly snapshot: typescript.IScriptSnapshot;
}

export class TypeChecker {
  readonly #ts: typeof typescript;
  readonly #service: typescript.LanguageService;
  readonly #files = new Map<string, File>();
  #editions = 0;
  #root = "";

  static async create(): Promise<TypeChecker> {
    return new TypeChecker((await import("typescript")).default);
  }

  private constructor(ts: typeof typescript) {
    this.#ts = ts;
    for (const [path, text] of Object.entries(dslSources())) this.#put(DSL + path, text);
    this.#service = ts.createLanguageService(this.#host());
  }

  /** `folder` is how people know the folder of the sources, "" for none. Sorted by file and place; empty when all is well. */
  check(folder: string, entry: string, sources: Sources): readonly SourceError[] {
    for (const path of this.#files.keys()) {
      if (path.startsWith(USER) && sources[path.slice(USER.length)] === undefined) this.#files.delete(path);
    }
    for (const [path, text] of Object.entries(sources)) {
      if (this.#files.get(USER + path)?.text !== text) this.#put(USER + path, text);
    }
    this.#root = USER + entry;
    const program = this.#service.getProgram();
    return Object.keys(sources)
      .filter((path) => program?.getSourceFile(USER + path) !== undefined)
      .sort()
      .flatMap((path) => [
        ...this.#service.getSyntacticDiagnostics(USER + path),
        ...this.#service.getSemanticDiagnostics(USER + path),
      ])
      .slice(0, TYPE_ERRORS_MAX)
      .map((diagnostic) => this.#explain(folder, diagnostic));
  }

  #put(path: string, text: string): File {
    this.#editions += 1;
    const file = { text, edition: this.#editions, snapshot: this.#ts.ScriptSnapshot.fromString(text) };
    this.#files.set(path, file);
    return file;
  }

  #explain(folder: string, { file, start, messageText, code }: typescript.Diagnostic): SourceError {
    const message = `${this.#ts.flattenDiagnosticMessageText(messageText, "\n")} (TS${code})`;
    const name = fileName({ name: folder }, (file?.fileName ?? this.#root).slice(USER.length));
    if (file === undefined) return sourceError(name, 1, 1, message, null);
    const { line, character } = file.getLineAndCharacterOfPosition(start ?? 0);
    return sourceError(name, line + 1, character + 1, message, file.text);
  }

  #host(): typescript.LanguageServiceHost {
    const ts = this.#ts;
    const library = dirname(ts.getDefaultLibFilePath({}));
    const isLibrary = (path: string) => path.startsWith(library);
    const find = (path: string): File | undefined => {
      const known = this.#files.get(path);
      if (known !== undefined || !isLibrary(path)) return known;
      const text = ts.sys.readFile(path);
      return text === undefined ? undefined : this.#put(path, text);
    };
    return {
      getCompilationSettings: () => ({
        target: ts.ScriptTarget.ES2023,
        lib: ["lib.es2023.d.ts"],
        types: [],
        module: ts.ModuleKind.ESNext,
        moduleResolution: ts.ModuleResolutionKind.Bundler,
        paths: { underway: [`${DSL}index.ts`], "underway/config": [`${DSL}config.ts`] },
        allowImportingTsExtensions: true,
        noEmit: true,
        strict: true,
        noUncheckedIndexedAccess: true,
        exactOptionalPropertyTypes: true,
        verbatimModuleSyntax: true,
      }),
      getCurrentDirectory: () => "/",
      getDefaultLibFileName: (options) => ts.getDefaultLibFilePath(options),
      getScriptFileNames: () => [this.#root],
      getScriptVersion: (path) => String(find(path)?.edition),
      getScriptSnapshot: (path) => find(path)?.snapshot,
      fileExists: (path) => find(path) !== undefined,
      readFile: (path) => find(path)?.text,
      directoryExists: (path) => isLibrary(path) || [...this.#files.keys()].some((file) => file.startsWith(`${path}/`)),
      getDirectories: () => [],
    };
  }
}
