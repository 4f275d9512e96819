// What an engine is made of, from disk: apart from what runs it, for a sandbox worker is handed all of it and reads no file.
import { readFileSync } from "node:fs";
import { assert } from "../base/assert.ts";
import type { EngineParts } from "./engine.ts";
import type { EngineVariant } from "./engine-module.ts";
import { countMutableGlobals } from "./wasm-globals.ts";

const FILES = {
  bellard: import.meta.resolve("@jitl/quickjs-wasmfile-release-sync/wasm"),
  ng: import.meta.resolve("@jitl/quickjs-ng-wasmfile-release-sync/wasm"),
} as const satisfies Record<EngineVariant, string>;

/** The bytes of the WebAssembly module: part of what a code version is hashed over. */
export const wasmBytes = (variant: EngineVariant): Buffer<ArrayBuffer> => readFileSync(new URL(FILES[variant]));

/** All that runs in a sandbox but the strategy. */
export interface Runtime {
  readonly variant: EngineVariant;
  readonly wasm: Uint8Array;
  /** Sources of what runs around a strategy. */
  readonly reader: string;
  readonly guard: string;
}

export const readRuntime = (variant: EngineVariant): Runtime => ({
  variant,
  wasm: wasmBytes(variant),
  reader: guestSource("reader.js"),
  guard: guestSource("guard.js"),
});

export async function compileRuntime({ wasm, ...rest }: Runtime): Promise<EngineParts> {
  assert(countMutableGlobals(wasm) === 1, "Cannot restore QuickJS from a copy of its memory: it has other state");
  return { ...rest, module: await WebAssembly.compile(wasm) };
}

export const readEngine = (variant: EngineVariant): Promise<EngineParts> => compileRuntime(readRuntime(variant));

const guestSource = (name: string): string => readFileSync(new URL(`../../dsl/guest/${name}`, import.meta.url), "utf8");
