// QuickJS as WebAssembly, compiled once per thread and instantiated into memories of a fixed size. Only the raw exports
// of quickjs-emscripten's release build are used: they are private to that package, so its version is pinned and the
// self-test refuses to run on anything that behaves differently.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { assert } from "../base/assert.ts";
import { countMutableGlobals } from "./wasm-globals.ts";

declare global {
  // Node's types know only Module; the rest is as the standard has it, as far as it is used here.
  namespace WebAssembly {
    type Exports = Record<string, unknown>;
    class Memory {
      constructor(limits: { readonly initial: number; readonly maximum: number });
      readonly buffer: ArrayBuffer;
    }
    class Instance {
      constructor(module: Module, imports: object);
      readonly exports: Exports;
    }
    function compile(bytes: Uint8Array): Promise<Module>;
  }
}

/** 16 MiB, of which 5 are QuickJS's C stack: the true cap on what a strategy can allocate. It never grows. */
const MEMORY_PAGES = 256;

/** The exports of the module that the sandbox uses. Pointers are byte offsets into the memory. */
export interface QuickJs {
  _malloc(bytes: number): number;
  _free(pointer: number): void;
  _QTS_NewRuntime(): number;
  _QTS_RuntimeSetMaxStackSize(runtime: number, bytes: number): void;
  _QTS_RuntimeEnableInterruptHandler(runtime: number): void;
  _QTS_NewContext(runtime: number, intrinsics: number): number;
  _QTS_GetUndefined(): number;
  _QTS_GetGlobalObject(context: number): number;
  _QTS_GetProp(context: number, object: number, name: number): number;
  _QTS_NewString(context: number, utf8: number): number;
  _QTS_GetString(context: number, value: number): number;
  _QTS_FreeCString(context: number, text: number): void;
  _QTS_NewArrayBuffer(context: number, bytes: number, length: number): number;
  _QTS_Eval(context: number, code: number, length: number, file: number, detectModule: number, flags: number): number;
  _QTS_Call(context: number, callee: number, receiver: number, count: number, values: number): number;
  /** The thrown value, or 0 when `result` is none. */
  _QTS_ResolveException(context: number, result: number): number;
  _QTS_FreeValuePointer(context: number, value: number): void;
}

export interface Wasm {
  readonly quickJs: QuickJs;
  readonly memory: WebAssembly.Memory;
  readonly stackPointer: () => number;
  readonly setStackPointer: (pointer: number) => void;
}

type ModuleFactory = (options: {
  readonly wasmMemory: WebAssembly.Memory;
  readonly print: () => void;
  readonly printErr: () => void;
  readonly instantiateWasm: (imports: object, done: (instance: WebAssembly.Instance) => void) => WebAssembly.Exports;
}) => Promise<QuickJs & { callbacks?: object }>;

const VARIANT = "@jitl/quickjs-wasmfile-release-sync";
const packages = createRequire(createRequire(import.meta.url).resolve("quickjs-emscripten/package.json"));

/** The bytes of the WebAssembly module: part of what a code version is hashed over. */
export const wasmBytes = (): Buffer<ArrayBuffer> => readFileSync(packages.resolve(`${VARIANT}/wasm`));

export async function compileWasm(): Promise<WebAssembly.Module> {
  const bytes = wasmBytes();
  assert(countMutableGlobals(bytes) === 1, "Cannot restore QuickJS from a copy of its memory: it has other state");
  return await WebAssembly.compile(bytes);
}

/** `shouldInterrupt` is asked every 10,000 ticks of interpreted code, and between steps of a regular expression. */
export async function instantiate(compiled: WebAssembly.Module, shouldInterrupt: () => boolean): Promise<Wasm> {
  const loader = packages.resolve(`${VARIANT}/emscripten-module`).replace(/\.cjs$/, ".mjs");
  const { default: create } = (await import(pathToFileURL(loader).href)) as { default: ModuleFactory };
  const memory = new WebAssembly.Memory({ initial: MEMORY_PAGES, maximum: MEMORY_PAGES });
  let exported: WebAssembly.Exports = {};
  const quickJs = await create({
    wasmMemory: memory,
    print: () => {},
    printErr: () => {},
    instantiateWasm(imports, done) {
      const instance = new WebAssembly.Instance(compiled, imports);
      exported = instance.exports;
      done(instance);
      return exported;
    },
  });
  quickJs.callbacks = { shouldInterrupt: () => (shouldInterrupt() ? 1 : 0) };
  // Their names are minified; emscripten puts its four stack functions last: …, restore, allocate, current.
  const functions = Object.values(exported) as ((pointer?: number) => number)[];
  const [setStackPointer, , stackPointer] = functions.slice(-3);
  assert(setStackPointer !== undefined && stackPointer !== undefined, "QuickJS exports no stack functions");
  return { quickJs, memory, stackPointer, setStackPointer };
}
