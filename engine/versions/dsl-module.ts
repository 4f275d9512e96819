// The DSL as one module, made once per process: a save then compiles the user's files only.
import { posix } from "node:path";
import { build, type Plugin } from "esbuild";
import { assert } from "../base/assert.ts";
import { COMPILER_OPTIONS } from "./compiler.ts";
import { dslSources } from "./dsl-sources.ts";

const modules = new Map<string, Promise<string>>();

/** `entry` is `index.ts` or `config.ts`; its text carries its own source map. */
export function dslModule(entry: string): Promise<string> {
  let module = modules.get(entry);
  if (module === undefined) {
    module = compile(entry);
    modules.set(entry, module);
  }
  return module;
}

async function compile(entry: string): Promise<string> {
  const { target, charset, supported, tsconfigRaw } = COMPILER_OPTIONS;
  const result = await build({
    target,
    charset,
    supported,
    tsconfigRaw,
    bundle: true,
    format: "esm",
    entryPoints: [entry],
    outfile: "dsl.js",
    write: false,
    sourcemap: "inline",
    logLevel: "silent",
    plugins: [inMemory(entry)],
  });
  return result.outputFiles[0]!.text;
}

/** The very text that code versions are hashed over. */
const inMemory = (entry: string): Plugin => ({
  name: "dsl",
  setup(builder) {
    builder.onResolve({ filter: /.*/ }, ({ path, importer, kind }) => ({
      path: kind === "entry-point" ? entry : posix.join(posix.dirname(importer), path),
      namespace: "dsl",
    }));
    builder.onLoad({ filter: /.*/ }, ({ path }) => {
      const contents = dslSources()[path];
      assert(contents !== undefined, `dsl/${path} is imported and does not exist`);
      return { contents, loader: "ts" };
    });
  },
});
