// Bytes as they are kept: gzip, with nothing in it that says when or where it was written. What was flipped in a file is found
// when it is unpacked: the header is compared, what is in it has a checksum, and so has what is compressed, for a compressed
// stream has bits that mean nothing.
import { createHash } from "node:crypto";
import { crc32, deflateRawSync, gunzipSync } from "node:zlib";

const UNPACKED_BYTES_MAX = 32 * 1024 * 1024;

/** No name, no time; the digest of the compressed bytes is the comment (RFC 1952), so that any gzip reads it. */
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0x10, 0, 0, 0, 0, 0, 0xff]);
const DIGEST_CHARS = 64;
const BODY_AT = HEADER.length + DIGEST_CHARS + 1;
const TRAILER_BYTES = 8;

/** Earlier files have no comment, and the system in the last byte of their header: unknown, Unix, macOS, Windows. */
const BARE_HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0]);
const SYSTEMS: readonly number[] = [0xff, 3, 19, 10, 11];

const digestOf = (body: Uint8Array): string => createHash("sha256").update(body).digest("hex");

export function pack(content: string | Uint8Array): Buffer {
  const bytes = Buffer.from(content);
  const body = deflateRawSync(bytes);
  const trailer = Buffer.alloc(TRAILER_BYTES);
  trailer.writeUInt32LE(crc32(bytes), 0);
  trailer.writeUInt32LE(bytes.length, 4);
  return Buffer.concat([HEADER, Buffer.from(`${digestOf(body)}\0`), body, trailer]);
}

/** Throws an Error that says what is wrong. */
export function unpack(bytes: Buffer): Buffer {
  if (bytes.subarray(0, HEADER.length).equals(HEADER)) {
    const digest = bytes.subarray(HEADER.length, BODY_AT).toString("latin1");
    if (digest !== `${digestOf(bytes.subarray(BODY_AT, -TRAILER_BYTES))}\0`) {
      throw new Error("its bytes are not those that were written");
    }
  } else if (!bytes.subarray(0, BARE_HEADER.length).equals(BARE_HEADER) || !SYSTEMS.includes(bytes[9]!)) {
    throw new Error("its header is not the one that was written");
  }
  return gunzipSync(bytes, { maxOutputLength: UNPACKED_BYTES_MAX });
}
