// Candidates from the gate to permanence: this is the part of the core that decides which code trades. What it is told comes
// from rehearsals, trials, trades and operators; what it does is to arm versions and to take them back, always at a boundary.
import { assertNever } from "../base/assert.ts";
import { shortVersion } from "../base/ids.ts";
import { type VersionKey, type VersionRef, versionKey } from "../decide/version.ts";
import type { EngineEvent, OperatorCommand } from "../event.ts";
import type { WindowState } from "../market/market-state.ts";
import type { Turn } from "../turn.ts";
import type { Boundary } from "./boundary.ts";
import { Candidacy } from "./candidacy.ts";
import { type ReloadCore, ReloadDesk } from "./desk.ts";
import { Gate, type SlotVersion } from "./gate.ts";
import { hitsOf, type PerformanceHit, type TradesByClose } from "./performance.ts";
import { Probation } from "./probation.ts";
import { BLANK_RECEIPT, type Receipt } from "./receipt.ts";

type GateCommand = Extract<OperatorCommand, { readonly strategy: string }>;
type CandidateEvent = Extract<EngineEvent, { readonly type: "Resumed" | `Candidate${string}` | "RehearsalCompleted" }>;

export class Candidates {
  readonly #desk: ReloadDesk;
  readonly #gate: Gate;
  readonly #probation: Probation;
  readonly #refused = new Set<string>();

  constructor(core: ReloadCore) {
    this.#desk = new ReloadDesk(core);
    this.#gate = new Gate(this.#desk);
    this.#probation = new Probation(this.#desk);
  }

  /** At the gate, or armed; null for none. */
  waiting(strategy: string): Candidacy | null {
    return this.#gate.of(strategy);
  }

  onProbation(strategy: string): Candidacy | null {
    return this.#probation.of(strategy);
  }

  /** Versions that must stay loaded, for they may be armed at any boundary. */
  get inUse(): VersionRef[] {
    return [...this.#gate.waiting, ...this.#probation.active].flatMap(({ keys }) =>
      [...keys].flatMap((key) => this.#desk.core.slots.facts(key)?.ref ?? []),
    );
  }

  /** What the world around the core found out, or what a restart left. */
  hear(event: CandidateEvent, turn: Turn): void {
    switch (event.type) {
      case "Resumed":
        this.#goBack(turn);
        return this.#probation.resume(turn);
      case "CandidateOffered":
        return this.#offered(event.receipt, event.slots, turn);
      case "CandidateRefused":
        this.#refused.add(event.receipt.strategy);
        return this.#gate.refused(event.receipt, turn);
      case "CandidateSuperseded":
        this.#refused.delete(event.strategy);
        turn.clearAlarm("reload-rejected", event.strategy);
        return this.#gate.superseded(event.strategy, event.by, turn);
      case "RehearsalCompleted":
        if (!this.#gate.rehearsed(event.receipt, event.report, turn))
          this.#probation.rehearsed(event.receipt, event.report, turn);
        return;
      default:
        return assertNever(event, "event of a candidate");
    }
  }

  /** Where what ran was barred and the way back was cut short by the restart. */
  #goBack(turn: Turn): void {
    const { core } = this.#desk;
    for (const { settings, running, armed, lastGood } of core.slots.all) {
      const [good] = lastGood;
      const ran = core.slots.activated(settings.id);
      if (running !== null || armed !== null || good === undefined || ran === null || !core.bars.has(ran)) continue;
      core.arm(settings.id, versionKey(good.ref), turn);
    }
  }

  /** Whether one takes over at the next boundary. */
  get isArmed(): boolean {
    return this.#gate.waiting.some(({ receipt }) => receipt.state === "armed");
  }

  /** What is saved was refused and stands there still: the operator may believe it to be live. */
  isRefused(strategy: string): boolean {
    return this.#refused.has(strategy);
  }

  /** At the boundary, before pointers change. */
  advance(turn: Turn): void {
    this.#gate.advance(turn);
    this.#probation.judge(turn);
  }

  #offered(receipt: Receipt, versions: readonly SlotVersion[], turn: Turn): void {
    const { strategy } = receipt;
    this.#refused.delete(strategy);
    this.#gate.offered(receipt, versions, turn);
    if (this.#desk.core.receipts.get(receipt.id)?.state === "rejected") this.#refused.add(strategy);
  }

  /** At the boundary, when pointers have changed. */
  activated(boundary: Boundary, turn: Turn): void {
    this.#sayResumed(boundary, turn);
    for (const candidacy of this.#gate.takeActivated()) {
      this.#probation.activated(candidacy, boundary, turn);
      logActivation(candidacy.receipt, turn);
    }
    for (const strategy of new Set(boundary.activated.map(({ version }) => version.strategy))) {
      this.#gate.runningChanged(strategy, turn);
      this.#probation.runningChanged(strategy);
    }
  }

  /** Windows whose end price has become known, and what real trades in them came to. */
  settled(windows: readonly WindowState[], hits: readonly PerformanceHit[], turn: Turn): void {
    for (const candidacy of [...this.#gate.waiting, ...this.#probation.active]) {
      const settled = candidacy.trial?.settled(windows, turn.nowMs) ?? [];
      if (settled.length === 0) continue;
      const byClose: TradesByClose = new Map();
      for (const { window, running } of settled) {
        if (running.entry === null) continue;
        const { asset, closeMs } = window.market;
        byClose.set(closeMs, [...(byClose.get(closeMs) ?? []), { asset, ...running.entry }]);
      }
      if (hitsOf(candidacy.runningDetector, byClose) !== null) candidacy.runningAlarmed = true;
      if (candidacy.receipt.state === "active") this.#probation.settled(candidacy, turn);
      else this.#gate.settled(candidacy, turn);
    }
    for (const hit of hits) this.#onHit(hit, turn);
  }

  /** A version was barred, and its slots were taken from it. */
  barred(key: VersionKey, reason: string, turn: Turn): void {
    this.#desk.unseat(key);
    this.#gate.barred(key, reason, turn);
    this.#probation.barred(key, reason, turn);
  }

  /** What a command did, for its record; one that could not be obeyed begins with "refused: ". */
  obey(command: GateCommand, author: string, turn: Turn): string {
    const { kind, strategy } = command;
    switch (kind) {
      case "approve":
        return this.#gate.approve(strategy, command.code, command.params, author, turn);
      case "reject":
        return this.#gate.reject(strategy, command.code, command.params, author, turn);
      case "promote":
        return this.#gate.promote(strategy, turn);
      case "rollback":
        return this.#rollBack(strategy, author, turn);
      default:
        return assertNever(kind, "command");
    }
  }

  /** Versions that no receipt stands for ran before: after a restart, or a way back. */
  #sayResumed({ activated }: Boundary, turn: Turn): void {
    for (const { version, slots } of activated) {
      const { strategy, code, ordinal } = version;
      if (this.#gate.of(strategy)?.receipt.code === code) continue;
      const what = `${shortVersion(strategy, code)} (v${ordinal}): decides ${slots.length} slots from cycle ${turn.cycle}`;
      turn.log("info", "version.live", `resumed ${what}`, { strategy, code, ordinal });
    }
  }

  #rollBack(strategy: string, author: string, turn: Turn): string {
    const reason = `rolled back by ${author}`;
    const waiting = this.#gate.left(strategy);
    if (waiting !== null && waiting.canary.length > 0) {
      this.#gate.fail(waiting, reason, turn);
      return `the canary of ${this.#desk.named(waiting)} is taken back`;
    }
    const slots = this.#desk.slotsOf(strategy).filter(({ running }) => running !== null);
    const target = slots.find(({ lastGood }) => lastGood[0])?.lastGood[0]?.ref;
    if (target === undefined) return `refused: ${strategy} has nothing to go back to`;
    const active = this.#probation.of(strategy);
    const isOwn = active !== null && this.#probation.canGoBack(active);
    this.#probation.rollBack(isOwn ? active : this.#permanent(strategy, slots, target, turn), author, reason, turn);
    return `${strategy} goes back to ${shortVersion(strategy, target.code)} (v${target.ordinal})`;
  }

  /** What runs is permanent: its receipt is closed, so the way back has one of its own. */
  #permanent(strategy: string, slots: ReturnType<ReloadDesk["slotsOf"]>, target: VersionRef, turn: Turn): Candidacy {
    const { receipts } = this.#desk.core;
    const [{ running }] = slots as [(typeof slots)[number]];
    const wanted = new Map(slots.map((slot) => [slot.settings.id, versionKey(slot.running!.ref)]));
    const name = (ref: VersionRef | undefined) => (ref === undefined ? null : shortVersion(strategy, ref.code));
    const receipt: Receipt = {
      ...BLANK_RECEIPT,
      id: receipts.nextId(strategy),
      strategy,
      cause: "rollback",
      state: "active",
      from: name(running?.ref),
      to: name(target),
      code: running?.ref.code ?? null,
      params: [...new Set(slots.map((slot) => slot.running!.ref.params))].sort(),
      ordinal: running?.ref.ordinal ?? null,
      slots: [...wanted.keys()],
      at: new Date(turn.nowMs).toISOString(),
    };
    return new Candidacy(receipt, { type: "auto" }, wanted);
  }

  /** Real trades of a version do worse than their prices allow. Whether the edit is to blame, what it replaced tells. */
  #onHit({ version, scopes, message }: PerformanceHit, turn: Turn): void {
    const { strategy } = version;
    const name = shortVersion(strategy, version.code);
    turn.alarm("performance", "critical", `${name} ${scopes.join(" ")}`, `${name} loses: ${message}`);
    const key = versionKey(version);
    const onTrial = [this.#probation.of(strategy), this.#gate.of(strategy)].find((each) => each?.keys.has(key));
    if (onTrial == null || onTrial.trial === null) return;
    if (onTrial.runningAlarmed) {
      const reason = `${name} loses, and so would what it replaced: it is not the edit. ${message}`;
      turn.write(this.#desk.core.latches.set("performance", "entries-stopped", turn.nowMs, "underway", reason));
      return;
    }
    onTrial.losses = message; // It is taken back at the next boundary, and decides until then.
  }
}

function logActivation(receipt: Receipt, turn: Turn): void {
  const { strategy, from, to, code, ordinal, slots, timingsMs, boundaryCycle, boundaryUs, id, rehearsal } = receipt;
  const { total = 0, ...stages } = timingsMs;
  const laps = Object.entries(stages).map(([stage, ms]) => `${stage} ${ms} ms`);
  const what = from === null ? "started" : from === to ? "new params for" : `reloaded ${from} →`;
  const changes =
    rehearsal === null || rehearsal.against === null
      ? ""
      : `; ${rehearsal.frames} rehearsed, ${rehearsal.changedWindows} windows changed`;
  turn.log(
    "info",
    "version.live",
    `${what} ${to} (v${ordinal}): decides ${slots.length} slots from cycle ${boundaryCycle}, armed in ${total} ms (${laps.join(", ")}), boundary ${boundaryUs} µs${changes}`,
    { strategy, code, ordinal, cycle: boundaryCycle, receipt: id },
  );
}
