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

export async function readEngine(variant: EngineVariant): Promise<EngineParts> {
  const bytes = wasmBytes(variant);
  assert(countMutableGlobals(bytes) === 1, "Cannot restore QuickJS from a copy of its memory: it has other state");
  const module = await WebAssembly.compile(bytes);
  return { variant, module, reader: guestSource("reader.js"), guard: guestSource("guard.js") };
}

const guestSource = (name: string): string => readFileSync(new URL(`../../dsl/guest/${name}`, import.meta.url), "utf8");
