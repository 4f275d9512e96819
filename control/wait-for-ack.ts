// Waits until the bot has answered a control file of ours, and a command in it has taken effect. The answer is found by digest; a later writer may have built on
// ours before the bot looked, and then what counts is whether our change is in what runs.
import { setTimeout as delay } from "node:timers/promises";
import { type DataDirectory, isBotRunning, statusAgeMs } from "./data-directory.ts";
import { readStatus, type Status } from "./status.ts";

const POLL_MS = 50;

export type Answer =
  | { readonly type: "Ack"; readonly status: Status }
  | { readonly type: "Nack"; readonly status: Status }
  /** A later version is in force, without our change. */
  | { readonly type: "Superseded"; readonly status: Status }
  | { readonly type: "NotRunning" }
  | { readonly type: "Timeout"; readonly statusAgeMs: number | null };

/** Ends with the status that has the effect of this command, or null when there is none in time. */
export async function waitForEffect(
  directory: DataDirectory,
  commandId: string,
  timeoutMs: number,
): Promise<Status | null> {
  const deadlineMs = performance.now() + timeoutMs;
  for (;;) {
    const status = await readStatus(directory.status);
    if (status?.commands.some(({ id }) => id === commandId) === true) return status;
    if (performance.now() > deadlineMs || !isBotRunning(directory, status, Date.now())) return null;
    await delay(POLL_MS);
  }
}

/** `isIn` tells whether what runs has our change. */
export async function waitForAck(
  directory: DataDirectory,
  written: { readonly version: number; readonly digest: string },
  isIn: (status: Status) => boolean,
  timeoutMs: number,
): Promise<Answer> {
  const deadlineMs = performance.now() + timeoutMs;
  for (;;) {
    const status = await readStatus(directory.status);
    const answer = status === null ? null : answerIn(status, written, isIn);
    if (answer !== null) return answer;
    const nowMs = Date.now();
    if (!isBotRunning(directory, status, nowMs)) return { type: "NotRunning" };
    if (performance.now() > deadlineMs) return { type: "Timeout", statusAgeMs: status && statusAgeMs(status, nowMs) };
    await delay(POLL_MS);
  }
}

function answerIn(
  status: Status,
  written: { readonly version: number; readonly digest: string },
  isIn: (status: Status) => boolean,
): Answer | null {
  const { observedDigest, observedVersion, result, applied } = status;
  const isOurs = observedDigest === written.digest;
  // Lower: not looked at yet. Otherwise somebody wrote after us, and was looked at instead.
  if (!isOurs && (observedVersion ?? 0) < written.version) return null;
  // What was accepted comes into force at the next boundary: before it, mode, effects and `applied` are still the old ones.
  if (result === null || (result === "Ack" && (applied?.version ?? 0) < (observedVersion ?? 0))) return null;
  if (isOurs) return { type: result, status };
  if (isIn(status)) return { type: "Ack", status };
  return { type: result === "Nack" ? "Nack" : "Superseded", status };
}
