// What a strategy may import: "underway", and TypeScript files of its own folder. Everything else is refused with what to do instead.
import { posix } from "node:path";

export interface ImportRules {
  /** The one package name that resolves, and the DSL file it means. */
  readonly packageName: string;
  readonly dslEntry: string;
  /** How messages call the importing file's kind and its folder. */
  readonly subject: string;
  readonly folder: string;
}

export const STRATEGY_IMPORTS: ImportRules = {
  packageName: "underway",
  dslEntry: "index.ts",
  subject: "a strategy",
  folder: "the strategies folder",
};

export const CONFIG_IMPORTS: ImportRules = {
  packageName: "underway/config",
  dslEntry: "config.ts",
  subject: "the configuration",
  folder: "the configuration's folder",
};

export type Resolution =
  | { readonly type: "Dsl"; readonly path: string }
  | { readonly type: "File"; readonly path: string }
  | { readonly type: "Refused"; readonly message: string };

/** `importer` is relative to the folder; so is the resulting File path. */
export function resolveImport(specifier: string, importer: string, rules: ImportRules): Resolution {
  if (specifier === rules.packageName) return { type: "Dsl", path: rules.dslEntry };
  const refused = (why: string): Resolution => ({ type: "Refused", message: `Cannot import "${specifier}": ${why}` });
  if (specifier === "underway" || specifier.startsWith("underway/")) {
    return refused(`${rules.subject} imports from "${rules.packageName}"`);
  }
  if (/^node:|^data:|^https?:/.test(specifier)) {
    return refused(
      `${rules.subject} has no files, network or processes; it reads only what "${rules.packageName}" offers`,
    );
  }
  if (posix.isAbsolute(specifier) || /^[A-Za-z]:|^file:/.test(specifier)) {
    return refused(`absolute paths are not portable; use a relative path inside ${rules.folder}, like "./lib/name.ts"`);
  }
  if (!specifier.startsWith("./") && !specifier.startsWith("../")) {
    return refused(
      `packages are not available; copy what is needed into a file of ${rules.folder} and import "./name.ts"`,
    );
  }
  const path = posix.join(posix.dirname(importer), specifier);
  if (path.startsWith("../")) return refused(`it lies outside ${rules.folder}; move the file inside`);
  if (posix.extname(path) === "") return refused(`write the whole file name, "${specifier}.ts"`);
  if (!path.endsWith(".ts"))
    return refused("only .ts files can be imported; export the data as a constant from a .ts file");
  return { type: "File", path };
}

/** How the specifier was used, in esbuild's words; only static imports and re-exports pass. */
export function refusedKind(kind: string): string | null {
  if (kind === "import-statement" || kind === "entry-point") return null;
  if (kind === "dynamic-import")
    return "Cannot use import(): all code is known before it runs; write a static import at the top";
  return `Cannot use ${kind}: write a static import at the top`;
}
