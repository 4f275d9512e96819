// Stands in for a running bot: holds the data directory's lock and answers control files, without trading.
import { DatabaseSync } from "node:sqlite";
import { onTestFinished } from "vitest";
import { checkAgainst, judge, type Known, readControl } from "../../control/control-file.ts";
import { dataDirectory } from "../../control/data-directory.ts";
import type { Status } from "../../control/status.ts";
import { StatusWriter } from "../../control/status-file.ts";
import { watchFile } from "../../control/watch.ts";
import { exampleStatus } from "./status-example.ts";

const done = (kind: string): string => `${kind} done`;

/** Answers from the moment it resolves; `extra` is laid over every status, `effectOf` says what became of a command. */
export async function startStubBot(
  root: string,
  known: Known,
  extra: Partial<Status> = {},
  effectOf: (kind: string) => string = done,
): Promise<void> {
  const directory = dataDirectory(root);
  const lock = new DatabaseSync(directory.lock);
  lock.exec("BEGIN EXCLUSIVE");
  const errors: unknown[] = [];
  const writer = new StatusWriter(directory.status, { onError: (error) => errors.push(error) });
  let last: { version: number; digest: string } | null = null;
  let status = exampleStatus(extra);
  const say = (changes: Partial<Status>) => {
    status = { ...status, ...changes, ...extra, writtenAt: new Date().toISOString() };
    writer.offer(() => status);
  };

  async function look(): Promise<void> {
    const read = judge(await readControl(directory.control), last);
    if (read.type === "Absent" || read.type === "Unchanged") return;
    const error = read.type === "Nack" ? read.error : checkAgainst(read.control, known);
    const observed = {
      observedVersion: read.type === "Nack" ? read.version : read.control.version,
      observedDigest: read.digest,
    };
    if (error !== null || read.type === "Nack") return say({ ...observed, result: "Nack", error });
    last = { version: read.control.version, digest: read.digest };
    const applied = { version: read.control.version, cycle: 7, control: read.control };
    const commands = (read.control.commands ?? []).map(({ id, kind }) => ({ id, cycle: 7, effect: effectOf(kind) }));
    say({ ...observed, result: "Ack", error: null, applied, mode: read.control.mode ?? "active", commands });
  }

  say({});
  const watch = await watchFile(directory.control, {
    changed: () => void look(),
    deleted: () => {},
    failed: (error) => errors.push(error),
  });
  onTestFinished(async () => {
    await watch.close();
    await writer.close();
    lock.close();
    if (errors.length > 0) throw new AggregateError(errors);
  });
}
