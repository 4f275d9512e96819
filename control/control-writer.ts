// Changes control.json the way every writer of ours does: one at a time, starting from what is there, and replacing the
// file in one step. Two writers can never use the same version, and a reader never sees half a file.
import { messageOf, UserError } from "../engine/base/errors.ts";
import { writeFileAtomic } from "../engine/node/atomic-file.ts";
import { type ControlRead, digestOf, readControl } from "./control-file.ts";
import { CONTROL_BYTES_MAX, type Control, parseControl } from "./control-schema.ts";
import type { DataDirectory } from "./data-directory.ts";
import { withFileLock } from "./file-lock.ts";
import { readStatus, type Status } from "./status.ts";

const LOCK_WAIT_MS_MAX = 5_000;

export interface Written {
  readonly version: number;
  readonly digest: string;
  /** Why the file that was there was not built upon; null when it was. */
  readonly replaced: string | null;
}

/** Throws UserError "nacked" when the bot would refuse the result; then nothing is written. */
export function writeControl(
  directory: DataDirectory,
  change: (control: Control) => Control,
  by: { readonly author: string; readonly reason?: string | undefined },
): Promise<Written> {
  return withFileLock(directory.controlLock, LOCK_WAIT_MS_MAX, async () => {
    const [read, status] = await Promise.all([readControl(directory.control), readStatus(directory.status)]);
    const { control: base, replaced } = baseOf(read, status);
    const version = 1 + Math.max(versionOf(read), status?.observedVersion ?? 0, status?.applied?.version ?? 0);
    const { author: _author, reason: _reason, version: _version, ...rest } = change(base);
    const control = { version, author: by.author, ...(by.reason !== undefined && { reason: by.reason }), ...rest };
    const text = `${JSON.stringify(control, null, 2)}\n`;
    refuseWhatTheBotWould(control, text, directory.control);
    await writeFileAtomic(directory.control, text, { durable: true }).catch((error: unknown) => {
      throw new UserError("data", `Cannot write the control file: ${messageOf(error)}`, { where: directory.control });
    });
    return { version, digest: digestOf(text), replaced };
  });
}

/** What a change starts from. A file that is broken or was refused must not stop a halt: then it is what runs. */
function baseOf(read: ControlRead, status: Status | null): { control: Control; replaced: string | null } {
  const refused =
    read.type === "Nack"
      ? `${read.error.path} ${read.error.message}`
      : read.type === "Read" && status?.result === "Nack" && status.observedDigest === read.digest
        ? `${status.error?.path} ${status.error?.message}`
        : null;
  if (read.type === "Read" && refused === null) return { control: withoutDone(read.control, status), replaced: null };
  const running = parseControl(status?.applied?.control);
  return {
    control: running.type === "Parsed" ? withoutDone(running.control, status) : { version: 1 },
    replaced: refused,
  };
}

/** A command takes effect once, ever: those that did need not be kept. */
function withoutDone(control: Control, status: Status | null): Control {
  const done = new Set(status?.commands.map(({ id }) => id));
  const { commands = [], ...rest } = control;
  const waiting = commands.filter(({ id }) => !done.has(id));
  return waiting.length === 0 ? rest : { ...rest, commands: waiting };
}

function versionOf(read: ControlRead): number {
  if (read.type === "Absent") return 0;
  return read.type === "Read" ? read.control.version : (read.version ?? 0);
}

function refuseWhatTheBotWould(control: Control, text: string, where: string): void {
  const parsed = parseControl(control);
  const error =
    parsed.type === "Refused"
      ? parsed.error
      : Buffer.byteLength(text) > CONTROL_BYTES_MAX
        ? { path: "$", message: `would be larger than ${CONTROL_BYTES_MAX} bytes` }
        : null;
  if (error === null) return;
  throw new UserError("nacked", `Refused: ${error.path} ${error.message}; nothing was written`, { where });
}
