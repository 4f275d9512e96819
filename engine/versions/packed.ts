// Bytes as they are kept: gzip, with nothing in it that says when or where it was written. What was flipped in a file is found
// when it is unpacked: the header is compared, the rest has a checksum.
import { gunzipSync, gzipSync } from "node:zlib";

const UNPACKED_BYTES_MAX = 32 * 1024 * 1024;

/** No name, no time, no extra fields. */
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0]);
const SYSTEM_UNKNOWN = 0xff;
/** Earlier releases left the system in, as Node writes it: Unix, macOS, Windows. */
const SYSTEMS: readonly number[] = [SYSTEM_UNKNOWN, 3, 19, 10, 11];

export function pack(content: string | Uint8Array): Buffer {
  const bytes = gzipSync(content);
  bytes.set(HEADER);
  bytes[HEADER.length] = SYSTEM_UNKNOWN;
  return bytes;
}

/** Throws an Error that says what is wrong. */
export function unpack(bytes: Buffer): Buffer {
  if (!bytes.subarray(0, HEADER.length).equals(HEADER) || !SYSTEMS.includes(bytes[HEADER.length]!)) {
    throw new Error("its header is not the one that was written");
  }
  return gunzipSync(bytes, { maxOutputLength: UNPACKED_BYTES_MAX });
}
