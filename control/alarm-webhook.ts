// Alarms as JSON to the address that the configuration names, one after the other, beside the trading loop: whoever listens may
// be slow, away or wrong, and the bot only says so in its log.
import { setTimeout as delay } from "node:timers/promises";
import { messageOf } from "../engine/base/errors.ts";
import type { AlarmRow } from "../engine/store/tables.ts";
import { FaultLog } from "./fault-log.ts";
import type { Log } from "./log.ts";

export const WAITING_MAX = 100;
const TRIES = 3;

export interface WebhookPace {
  /** How long an answer may take. */
  readonly answerMsMax: number;
  /** Before the second try; four times as long before the third. */
  readonly backoffMs: number;
  /** What an orderly end waits for alarms that are still to be posted. */
  readonly closeMsMax: number;
}

const PACE: WebhookPace = { answerMsMax: 5_000, backoffMs: 1_000, closeMsMax: 2_000 };

export interface WebhookParts {
  /** As configured now; null: alarms are not posted. */
  readonly address: () => string | null;
  readonly bot: { readonly dir: string; readonly pid: number };
  readonly log: Pick<Log, "warn">;
  readonly pace?: WebhookPace;
}

export class AlarmWebhook {
  readonly #parts: WebhookParts;
  readonly #pace: WebhookPace;
  readonly #waiting: AlarmRow[] = [];
  readonly #faults = new FaultLog();
  readonly #stop = new AbortController();
  #dropped = 0;
  #posting: Promise<void> | null = null;

  constructor(parts: WebhookParts) {
    this.#parts = parts;
    this.#pace = parts.pace ?? PACE;
  }

  /** One that opened, or cleared. Returns at once. */
  post(alarm: AlarmRow): void {
    if (this.#parts.address() === null || this.#stop.signal.aborted) return;
    this.#waiting.push(alarm);
    if (this.#waiting.length > WAITING_MAX) this.#drop();
    this.#posting ??= this.#postAll();
  }

  async close(): Promise<void> {
    const overdue = setTimeout(() => this.#stop.abort(), this.#pace.closeMsMax);
    await this.#posting;
    clearTimeout(overdue);
    this.#stop.abort();
  }

  async #postAll(): Promise<void> {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      await this.#postOne(next);
      if (this.#stop.signal.aborted) return;
    }
    this.#posting = null;
    if (this.#dropped > 0) this.#warn(`${this.#dropped} alarms were not posted: more than ${WAITING_MAX} waited`);
    this.#dropped = 0;
  }

  async #postOne(alarm: AlarmRow): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const address = this.#parts.address();
      if (address === null) return;
      const problem = await this.#try(address, alarm);
      if (problem === null || this.#stop.signal.aborted) return;
      if (attempt === TRIES) return this.#sayFailed(address, alarm, problem);
      const { signal } = this.#stop;
      await delay(this.#pace.backoffMs * 4 ** (attempt - 1), null, { signal }).catch(() => {});
    }
  }

  /** Null when it was taken; otherwise why not. */
  async #try(address: string, alarm: AlarmRow): Promise<string | null> {
    const overdue = AbortSignal.timeout(this.#pace.answerMsMax);
    try {
      const answer = await fetch(address, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ ...shown(alarm), bot: this.#parts.bot }),
        redirect: "manual", // Followed, it would arrive as a GET: without the alarm.
        signal: AbortSignal.any([overdue, this.#stop.signal]),
      });
      await answer.body?.cancel();
      return answer.ok ? null : `it answered ${answer.status}`;
    } catch (error) {
      if (overdue.aborted) return `no answer within ${this.#pace.answerMsMax} ms`;
      const { cause } = error as Error;
      return messageOf(cause ?? error);
    }
  }

  /** The host only: such addresses are often secrets. */
  #sayFailed(address: string, { kind, scope }: AlarmRow, problem: string): void {
    const { host } = new URL(address);
    const shown = this.#faults.admit(host, problem, performance.now());
    if (shown === null) return;
    const more = shown.suppressed === 0 ? "" : ` (and ${shown.suppressed} more since)`;
    this.#warn(`Cannot post alarm ${kind} (${scope}) to ${host}: ${problem}${more}`);
  }

  #drop(): void {
    this.#waiting.shift();
    this.#dropped += 1;
    if (this.#dropped === 1) this.#warn(`More than ${WAITING_MAX} alarms wait to be posted: the oldest are dropped`);
  }

  #warn(message: string): void {
    this.#parts.log.warn({ event: "webhook.failed" }, message);
  }
}

/** Times are of the market; `cleared` is null while it is open. */
const shown = ({ kind, severity, scope, message, cycle, atMs, clearedMs }: AlarmRow): Record<string, unknown> => ({
  kind,
  severity,
  scope,
  message,
  cycle,
  at: new Date(atMs).toISOString(),
  cleared: clearedMs === null ? null : new Date(clearedMs).toISOString(),
});
