// Counts the mutable globals of a WebAssembly module. A snapshot is a copy of memory; with one mutable global, the stack
// pointer, memory is the whole state.

const GLOBAL_SECTION = 6;
const HEADER_BYTES = 8;
const END = 0x0b;
const I32_CONST = 0x41;
const GLOBAL_GET = 0x23;

/** Globals the module defines itself; imported ones are none of its state. Throws on an initialiser it does not know. */
export function countMutableGlobals(wasm: Uint8Array): number {
  let at = HEADER_BYTES;
  const unsigned = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = wasm[at++]!;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < wasm.length) {
    const section = wasm[at++]!;
    const length = unsigned();
    if (section !== GLOBAL_SECTION) {
      at += length;
      continue;
    }
    let mutable = 0;
    for (let left = unsigned(); left > 0; left--) {
      at++; // the value type
      mutable += wasm[at++]!;
      const operation = wasm[at++]!;
      if (operation !== I32_CONST && operation !== GLOBAL_GET) throw new Error("Cannot read a global's initialiser");
      unsigned();
      if (wasm[at++] !== END) throw new Error("Cannot read a global's initialiser");
    }
    return mutable;
  }
  return 0;
}
