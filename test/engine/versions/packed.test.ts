// What is kept can be read by any gzip, and one flipped bit of it is found, wherever it is.
import { gunzipSync, gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { pack, unpack } from "../../../engine/versions/packed.ts";

const CONTENT = Buffer.from("export default 1; // naïve\n".repeat(9));

test("what is packed comes out again, here and in any gzip, and the same content gives the same bytes", () => {
  const packed = pack(CONTENT);
  expect(unpack(packed)).toEqual(CONTENT);
  expect(gunzipSync(packed)).toEqual(CONTENT);
  expect(pack(CONTENT)).toEqual(packed);
});

test("every flipped bit is found", () => {
  const packed = pack(CONTENT);
  const missed: number[] = [];
  for (let bit = 0; bit < packed.length * 8; bit++) {
    const flipped = Buffer.from(packed);
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    try {
      unpack(flipped);
      missed.push(bit);
    } catch {}
  }
  expect(missed).toEqual([]);
});

test("files of earlier releases, which have no digest of their own, are read all the same", () => {
  expect(unpack(gzipSync(CONTENT))).toEqual(CONTENT);
});
