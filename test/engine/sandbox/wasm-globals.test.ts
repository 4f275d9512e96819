import { expect, test } from "vitest";
import { wasmBytes } from "../../../engine/sandbox/engine-file.ts";
import { ENGINE_VARIANTS } from "../../../engine/sandbox/engine-module.ts";
import { countMutableGlobals } from "../../../engine/sandbox/wasm-globals.ts";

const HEADER = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const globalOf = (mutable: number) => [0x7f, mutable, 0x41, 0x05, 0x0b];

test("only mutable globals count", () => {
  const section = [3, ...globalOf(1), ...globalOf(0), ...globalOf(1)];
  expect(countMutableGlobals(Uint8Array.from([...HEADER, 1, 1, 0, 6, section.length, ...section]))).toBe(2);
  expect(countMutableGlobals(Uint8Array.from(HEADER))).toBe(0);
});

test.each(ENGINE_VARIANTS)("%s keeps one: its stack pointer", (variant) => {
  expect(countMutableGlobals(wasmBytes(variant))).toBe(1);
});
