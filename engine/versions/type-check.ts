// The strategy against the DSL's types, as an editor would show it. The TypeScript compiler is heavy: it is loaded by whoever asks
// for a check, and the DSL stays parsed between checks.
import { dirname } from "node:path";
import type typescript from "typescript";
import { dslSources, type Sources } from "./dsl-sources.ts";
import type { SourceError } from "./port.ts";
import { sourceError } from "./source-error.ts";

const TYPE_ERRORS_MAX = 50;

// The checker sees these two folders and TypeScript's own library, and nothing else of the disk.
const USER = "/user/";
const DSL = "/dsl/";

export class TypeChecker {
  readonly #ts: typeof typescript;
  readonly #service: typescript.LanguageService;
  /** Path → text and its count of changes: what is unchanged is not parsed again. */
  readonly #files = new Map<string, { text: string; edition: number }>();
  #root = "";

  static async create(): Promise<TypeChecker> {
    return new TypeChecker((await import("typescript")).default);
  }

  private constructor(ts: typeof typescript) {
    this.#ts = ts;
    for (const [path, text] of Object.entries(dslSources())) this.#files.set(DSL + path, { text, edition: 0 });
    this.#service = ts.createLanguageService(this.#host());
  }

  /** `folder` is how people know the strategies folder. Sorted by file and place; empty when all is well. */
  check(folder: string, entry: string, sources: Sources): readonly SourceError[] {
    for (const path of this.#files.keys()) {
      if (path.startsWith(USER) && sources[path.slice(USER.length)] === undefined) this.#files.delete(path);
    }
    for (const [path, text] of Object.entries(sources)) {
      const known = this.#files.get(USER + path);
      if (known?.text !== text) this.#files.set(USER + path, { text, edition: (known?.edition ?? 0) + 1 });
    }
    this.#root = USER + entry;
    return Object.keys(sources)
      .sort()
      .flatMap((path) => [
        ...this.#service.getSyntacticDiagnostics(USER + path),
        ...this.#service.getSemanticDiagnostics(USER + path),
      ])
      .slice(0, TYPE_ERRORS_MAX)
      .map((diagnostic) => this.#explain(folder, diagnostic));
  }

  #explain(folder: string, { file, start, messageText, code }: typescript.Diagnostic): SourceError {
    const message = `${this.#ts.flattenDiagnosticMessageText(messageText, "\n")} (TS${code})`;
    if (file === undefined) return sourceError(`${folder}/${this.#root.slice(USER.length)}`, 1, 1, message, null);
    const { line, character } = file.getLineAndCharacterOfPosition(start ?? 0);
    return sourceError(`${folder}/${file.fileName.slice(USER.length)}`, line + 1, character + 1, message, file.text);
  }

  #host(): typescript.LanguageServiceHost {
    const ts = this.#ts;
    const library = dirname(ts.getDefaultLibFilePath({}));
    const isLibrary = (path: string) => path.startsWith(library);
    const read = (path: string) => this.#files.get(path)?.text ?? (isLibrary(path) ? ts.sys.readFile(path) : undefined);
    return {
      getCompilationSettings: () => ({
        target: ts.ScriptTarget.ES2023,
        lib: ["lib.es2023.d.ts"],
        types: [],
        module: ts.ModuleKind.ESNext,
        moduleResolution: ts.ModuleResolutionKind.Bundler,
        paths: { underway: [`${DSL}index.ts`] },
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
      getScriptVersion: (path) => String(this.#files.get(path)?.edition ?? 0),
      getScriptSnapshot: (path) => {
        const text = read(path);
        return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
      },
      fileExists: (path) => read(path) !== undefined,
      readFile: read,
      directoryExists: (path) => isLibrary(path) || [...this.#files.keys()].some((file) => file.startsWith(`${path}/`)),
      getDirectories: () => [],
    };
  }
}
