// QuickJS as WebAssembly, compiled once and instantiated into memories of a fixed size. Only the raw exports of
// quickjs-emscripten's release builds are used: they are private to that project, so their version is pinned and the
// self-test refuses to run on anything that behaves differently.
import { assert } from "../base/assert.ts";

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

/** Bellard's QuickJS and the quickjs-ng fork. A version is named after the one it runs on: they spend different fuel. */
export const ENGINE_VARIANTS = ["bellard", "ng"] as const;
export type EngineVariant = (typeof ENGINE_VARIANTS)[number];
/** The faster one, and its stacks name the exact column: `npm run bench` has the figures of both. */
export const DEFAULT_VARIANT: EngineVariant = "bellard";

/** Can be handed to another thread as it is. */
export interface CompiledEngine {
  readonly variant: EngineVariant;
  readonly module: WebAssembly.Module;
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

const FACTORIES = {
  bellard: () => import("@jitl/quickjs-wasmfile-release-sync/emscripten-module"),
  ng: () => import("@jitl/quickjs-ng-wasmfile-release-sync/emscripten-module"),
} as const satisfies Record<EngineVariant, () => Promise<unknown>>;

/** `shouldInterrupt` is asked every 10,000 ticks of interpreted code, and between steps of a regular expression. */
export async function instantiate({ variant, module }: CompiledEngine, shouldInterrupt: () => boolean): Promise<Wasm> {
  const create = (await FACTORIES[variant]()).default as unknown as ModuleFactory;
  const memory = new WebAssembly.Memory({ initial: MEMORY_PAGES, maximum: MEMORY_PAGES });
  let exported: WebAssembly.Exports = {};
  const quickJs = await create({
    wasmMemory: memory,
    print: () => {},
    printErr: () => {},
    instantiateWasm(imports, done) {
      const instance = new WebAssembly.Instance(module, imports);
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
