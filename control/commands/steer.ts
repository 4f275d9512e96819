// The steering verbs: each writes one change into control.json and waits until the bot has answered it. A command has failed
// when its effect says that it was refused.
import { randomUUID } from "node:crypto";
import { userInfo } from "node:os";
import { canonicalJson, type Json } from "../../engine/base/canonical-json.ts";
import { UserError } from "../../engine/base/errors.ts";
import type { Mode } from "../../engine/risk/settings.ts";
import { type Control, type ControlCommand, parseControl } from "../control-schema.ts";
import { writeControl } from "../control-writer.ts";
import { dataDirectory, isBotRunning } from "../data-directory.ts";
import { age } from "../number-format.ts";
import { applySetting, parseSetting } from "../setting.ts";
import { readStatus, type Status } from "../status.ts";
import { refusal } from "../status-sentence.ts";
import { type Answer, waitForAck, waitForEffect } from "../wait-for-ack.ts";

export interface SteerOptions {
  readonly dir: string;
  readonly author?: string;
  readonly reason?: string;
  readonly timeout: number;
  readonly json?: boolean;
}

/** What a verb changes, and how to see that what runs has the change. */
export interface Change {
  readonly apply: (control: Control) => Control;
  readonly isIn: (status: Status) => boolean;
  /** Of the command it gives, whose effect is worth a line. */
  readonly commandId?: string;
}

/** A change that does nothing when it is made a second time. */
function idempotent(apply: (control: Control) => Control): Change {
  const canonical = (control: Control) => canonicalJson(JSON.parse(JSON.stringify(control)) as Json);
  return {
    apply,
    isIn({ applied }) {
      const running = parseControl(applied?.control);
      return running.type === "Parsed" && canonical(apply(running.control)) === canonical(running.control);
    },
  };
}

export const setMode = (mode: Mode): Change => idempotent((control) => ({ ...control, mode }));

export function set(text: string): Change {
  const setting = parseSetting(text);
  return idempotent((control) => applySetting(control, setting));
}

type WithoutId<C> = C extends unknown ? Omit<C, "id"> : never;

export function command(wanted: WithoutId<ControlCommand>): Change {
  const entry: ControlCommand = { id: randomUUID(), ...wanted };
  const added = idempotent((control) => {
    const { commands = [] } = control;
    return commands.some(({ id }) => id === entry.id) ? control : { ...control, commands: [...commands, entry] };
  });
  return {
    apply: added.apply,
    commandId: entry.id,
    isIn: (status) => status.commands.some(({ id }) => id === entry.id) || added.isIn(status),
  };
}

const REFUSED = "refused: ";

/**
 * Prints the outcome: 0, or 1 for a command that was refused; throws a UserError for every other. What is changed may depend on
 * what the bot says.
 */
export async function steer(
  verb: string,
  wanted: Change | ((status: Status) => Change),
  options: SteerOptions,
): Promise<number> {
  const directory = dataDirectory(options.dir);
  const before = await readStatus(directory.status);
  if (!isBotRunning(directory, before, Date.now())) {
    throw new UserError("not-running", `Cannot ${verb}: no bot is running here; nothing was written`, {
      where: directory.root,
      hint: "name its data directory with --dir",
    });
  }
  const change = typeof wanted === "function" ? wanted(known(verb, before)) : wanted;
  const author = options.author ?? userInfo().username;
  const written = await writeControl(directory, change.apply, { author, reason: options.reason });
  if (written.replaced !== null && !options.json) {
    console.log(`The control file that was there had been refused and is replaced (${written.replaced}).`);
  }
  const answer = await waitForAck(directory, written, change.isIn, options.timeout * 1000);
  const ack = acknowledged(verb, written.version, answer);
  const status =
    change.commandId === undefined
      ? ack
      : effective(verb, await waitForEffect(directory, change.commandId, options.timeout * 1000));
  const { mode, applied, latches, commands } = status;
  const effect = commands.find(({ id }) => id === change.commandId)?.effect ?? null;
  const ok = effect?.startsWith(REFUSED) !== true;
  if (options.json) {
    const { version, digest } = written;
    const cycle = applied?.cycle ?? null;
    console.log(JSON.stringify({ ok, verb, result: "Ack", version, digest, cycle, mode, effect }));
    return ok ? 0 : 1;
  }
  console.log(
    `Acknowledged: control version ${written.version}${applied === null ? "" : `, in force since cycle ${applied.cycle}`}. Mode ${mode}.`,
  );
  if (effect !== null) console.log(effect);
  for (const { id, mode: held, reason } of latches) {
    const does = held === "active" ? "stands" : `holds ${held}`;
    console.log(`Latch ${id} ${does}: ${reason}. Clear it with: clear ${id} --reason "…"`);
  }
  return ok ? 0 : 1;
}

function known(verb: string, status: Status | null): Status {
  if (status !== null) return status;
  throw new UserError("not-running", `Cannot ${verb}: the bot has not written a status yet; nothing was written`);
}

function effective(verb: string, status: Status | null): Status {
  if (status !== null) return status;
  throw new UserError(
    "timeout",
    `Cannot tell whether to ${verb}: the bot has taken the command, but says no effect of it`,
    {
      hint: "look at status, or wait longer with --timeout",
    },
  );
}

function acknowledged(verb: string, version: number, answer: Answer): Status {
  switch (answer.type) {
    case "Ack":
      return answer.status;
    case "Nack":
      throw new UserError("nacked", refusal(answer.status) ?? `Refused: control.json ${version}`, {
        where: answer.status.error?.path ?? "$",
      });
    case "Superseded":
      throw new UserError(
        "nacked",
        `Cannot ${verb}: version ${version} was replaced by another without this change before the bot read it`,
        {
          hint: "look at control.json and try again",
        },
      );
    case "NotRunning":
      throw new UserError("not-running", `Cannot ${verb}: the bot stopped before it answered`, {
        hint: `control.json ${version} is written and will be judged at the next start`,
      });
    case "Timeout":
      throw new UserError(
        "timeout",
        `Cannot tell whether to ${verb}: the bot runs but has not answered control.json ${version}`,
        {
          hint: `its status is ${answer.statusAgeMs === null ? "missing" : `${age(answer.statusAgeMs)} old`}; the file is written, wait longer with --timeout`,
        },
      );
  }
}
