// Reads recorded files: the one place of the replay feed that touches the disk. Plain or gzip, told by content.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { messageOf, UserError } from "../../base/errors.ts";

/** Of the unpacked text; a JavaScript string holds little more. */
const FILE_BYTES_MAX = 400 * 1024 * 1024;

export interface DataFile {
  readonly path: string;
  readonly text: string;
}

/** Reads all files; `sha256` (64 hex digits) is over their unpacked contents, in whatever order they are named. */
export function readDataFiles(paths: readonly string[]): {
  readonly files: readonly DataFile[];
  readonly sha256: string;
} {
  // One after the other: a file's bytes are let go of before the next one's come.
  const read = paths.map((path) => {
    const bytes = unpacked(path, contentsOf(path));
    return { file: { path, text: textOf(path, bytes) }, digest: createHash("sha256").update(bytes).digest("hex") };
  });
  const digests = read.map(({ digest }) => digest).sort();
  const files = read.map(({ file }) => file);
  return {
    files,
    sha256: digests.length === 1 ? digests[0]! : createHash("sha256").update(digests.join()).digest("hex"),
  };
}

function contentsOf(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    if (code === "ENOENT") throw unreadable(path, "there is no such file", "Check the path");
    if (code === "EISDIR")
      throw unreadable(path, "it is a directory, expected a file", "Name the files in it one by one");
    throw unreadable(path, messageOf(error));
  }
}

function unpacked(path: string, bytes: Buffer): Buffer {
  if (bytes.length === 0) throw unreadable(path, "it is empty");
  if (bytes.subarray(0, 2).toString("latin1") === "PK") throw unreadable(path, "it is a zip archive", "Unzip it first");
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  let plain = bytes;
  try {
    if (isGzip) plain = gunzipSync(bytes, { maxOutputLength: FILE_BYTES_MAX });
  } catch (error) {
    throw unreadable(path, `its gzip is damaged or too large (${messageOf(error)})`, "Fetch the file again");
  }
  if (plain.length > FILE_BYTES_MAX) {
    throw unreadable(path, `it has ${plain.length} bytes, expected at most ${FILE_BYTES_MAX}`, "Split it by time");
  }
  if (plain.length === 0) throw unreadable(path, "it is empty");
  return plain;
}

/** UTF-8; a byte order mark is dropped. */
function textOf(path: string, bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw unreadable(path, "it is not UTF-8 text, expected CSV or JSON lines");
  }
}

const unreadable = (path: string, what: string, hint?: string): UserError =>
  new UserError("data", `Cannot read "${path}": ${what}`, { where: path, ...(hint === undefined ? {} : { hint }) });
