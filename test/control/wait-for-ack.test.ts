import { writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import { dataDirectory } from "../../control/data-directory.ts";
import type { Status } from "../../control/status.ts";
import { waitForAck, waitForEffect } from "../../control/wait-for-ack.ts";
import { writeFileAtomic } from "../../engine/node/atomic-file.ts";
import { exampleStatus } from "../support/status-example.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const ours = { version: 8, digest: "ours" };
const inForce = (version: number) => ({ version, cycle: 120_431, control: { version } });

/** The answer when the bot's status says this from the start. */
async function answer(changes: Partial<Status>, { isIn = false, lock = "held" as "held" | "free" | "none" } = {}) {
  const directory = dataDirectory(temporaryFolder());
  writeFileSync(directory.status, JSON.stringify(exampleStatus(changes)));
  if (lock !== "none") {
    const holder = new DatabaseSync(directory.lock);
    onTestFinished(() => holder.close());
    holder.exec("CREATE TABLE held (x); BEGIN EXCLUSIVE");
    if (lock === "free") holder.exec("COMMIT");
  }
  const { type } = await waitForAck(directory, ours, () => isIn, 0);
  return type;
}

const now = () => new Date().toISOString();

test.each<[says: string, changes: Partial<Status>, isIn: boolean, type: string]>([
  [
    "our digest with Ack, in force",
    { observedVersion: 8, observedDigest: "ours", result: "Ack", applied: inForce(8) },
    false,
    "Ack",
  ],
  [
    "our digest with Ack, before the boundary that brings it into force",
    { observedVersion: 8, observedDigest: "ours", result: "Ack", applied: inForce(7) },
    false,
    "Timeout",
  ],
  [
    "a later version, before the boundary that tells whether it has our change",
    { observedVersion: 9, observedDigest: "nine", result: "Ack", applied: inForce(7) },
    false,
    "Timeout",
  ],
  ["our digest with Nack", { observedVersion: 8, observedDigest: "ours", result: "Nack" }, true, "Nack"],
  ["our digest, not judged yet", { observedVersion: 8, observedDigest: "ours" }, true, "Timeout"],
  ["an earlier version", { observedVersion: 7, observedDigest: "seven", result: "Ack" }, true, "Timeout"],
  ["nothing yet", {}, true, "Timeout"],
  [
    "a later version that was built on ours",
    { observedVersion: 9, observedDigest: "nine", result: "Ack", applied: inForce(9) },
    true,
    "Ack",
  ],
  [
    "a later version that was refused, while ours runs",
    { observedVersion: 9, observedDigest: "nine", result: "Nack" },
    true,
    "Ack",
  ],
  [
    "a later version that was refused together with ours",
    { observedVersion: 9, observedDigest: "nine", result: "Nack" },
    false,
    "Nack",
  ],
  [
    "a later version without our change",
    { observedVersion: 9, observedDigest: "nine", result: "Ack", applied: inForce(9) },
    false,
    "Superseded",
  ],
  [
    "our version by another hand",
    { observedVersion: 8, observedDigest: "theirs", result: "Ack", applied: inForce(8) },
    false,
    "Superseded",
  ],
])("%s", async (_says, changes, isIn, type) => {
  expect(await answer(changes, { isIn })).toBe(type);
});

test("whoever holds the lock runs, however old its status", async () => {
  expect(await answer({ writtenAt: "2026-01-01T00:00:00.000Z" })).toBe("Timeout");
});
test("a free lock means that nothing runs, however fresh the status", async () => {
  expect(await answer({ writtenAt: now() }, { lock: "free" })).toBe("NotRunning");
});
test("without a lock, a status older than 5 s means that nothing runs", async () => {
  expect(await answer({ writtenAt: new Date(Date.now() - 5_001).toISOString() }, { lock: "none" })).toBe("NotRunning");
  expect(await answer({ writtenAt: now() }, { lock: "none" })).toBe("Timeout");
});
test("without a lock, an orderly end is known at once", async () => {
  const { engine } = exampleStatus();
  expect(await answer({ writtenAt: now(), engine: { ...engine, stoppedAt: now() } }, { lock: "none" })).toBe(
    "NotRunning",
  );
});

test("a command is waited for until status has its effect, and no longer than asked or while a bot runs", async () => {
  const directory = dataDirectory(temporaryFolder());
  const say = (changes: Partial<Status>) =>
    writeFileAtomic(directory.status, JSON.stringify(exampleStatus({ writtenAt: now(), ...changes })), {
      durable: false,
    });
  await say({});
  expect(await waitForEffect(directory, "ours", 0)).toBeNull();
  const waiting = waitForEffect(directory, "ours", 10_000);
  const effect = { id: "ours", cycle: 8, effect: "approved" };
  await say({ commands: [{ id: "theirs", cycle: 7, effect: "sold" }, effect] });
  expect((await waiting)?.commands).toContainEqual(effect);
  await say({ writtenAt: "2026-01-01T00:00:00.000Z" });
  expect(await waitForEffect(directory, "ours", 600_000)).toBeNull();
});
