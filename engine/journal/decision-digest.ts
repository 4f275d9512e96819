// The fingerprint of a decision: what was asked of which code, with which numbers, and what came back. Two that are equal
// are the same decision, whatever cycle they were made in.
import { hash } from "node:crypto";
import { ByteWriter } from "./byte-writer.ts";
import type { RecordedDecision } from "./port.ts";

export const DIGEST_BYTES = 8;

/** One for all, for a digest is made at once: frames need not be copied anywhere else. */
const bytes = new ByteWriter();

/** First 8 bytes of a sha256, as 16 hex digits. */
export function decisionDigest({ request, result }: RecordedDecision): string {
  const { frame } = request;
  bytes.clear();
  bytes.wide(request.slot);
  bytes.wide(request.version.code);
  bytes.wide(request.version.params);
  bytes.count(frame.length);
  bytes.raw(new Uint8Array(frame.buffer, frame.byteOffset, frame.byteLength));
  bytes.wide(request.memory);
  optional(request.migrateFrom);
  bytes.double(result.fuel);
  if (result.type === "Faulted") {
    const { kind, message, where, frame } = result.fault;
    bytes.wide(kind);
    bytes.wide(message);
    optional(where);
    optional(frame);
  } else {
    const { signal, memory } = result;
    bytes.wide(signal.kind);
    if (signal.kind === "up" || signal.kind === "down") {
      bytes.double(signal.probability);
      bytes.byte(signal.limit === null ? 0 : 1);
      bytes.double(signal.limit ?? 0);
    }
    bytes.wide(signal.reason);
    bytes.wide(memory);
  }
  return hash("sha256", bytes.bytes).slice(0, 2 * DIGEST_BYTES);
}

function optional(text: string | null | undefined): void {
  bytes.byte(text == null ? 0 : 1);
  bytes.wide(text ?? "");
}
