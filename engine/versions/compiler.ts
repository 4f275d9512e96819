// The compiler's options as data, apart from the compiler: they name every code version, also where nothing is compiled.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { REFUSED_NAMES } from "./admission.ts";

const require = createRequire(import.meta.url);
const versionOf = (name: string): string =>
  (JSON.parse(readFileSync(require.resolve(`${name}/package.json`), "utf8")) as { version: string }).version;

/** What bundles a strategy, and what finds its reads of the frame. */
export const COMPILER_VERSIONS = {
  esbuild: versionOf("esbuild"),
  acorn: versionOf("acorn"),
  "eslint-scope": versionOf("eslint-scope"),
} as const;

/** The global that the script leaves its exports in. */
const BUNDLE_GLOBAL = "__strategy";

export const COMPILER_OPTIONS = {
  bundle: true,
  format: "iife",
  globalName: BUNDLE_GLOBAL,
  target: "es2023",
  charset: "utf8",
  treeShaking: true,
  supported: { bigint: false },
  // Never the tsconfig.json of whatever folder the strategies lie in.
  tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true, strict: true } },
  define: REFUSED_NAMES,
} as const;
