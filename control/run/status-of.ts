// The bot's state as status.json says it: always what runs, never what was wished for.
import { shortVersion } from "../../engine/base/ids.ts";
import { MICROS } from "../../engine/base/micros.ts";
import type { SandboxCounters } from "../../engine/decide/port.ts";
import type { Engine } from "../../engine/engine.ts";
import type { JournalHead } from "../../engine/journal/port.ts";
import { latchId } from "../../engine/latches.ts";
import type { TokenQuote } from "../../engine/market/market.ts";
import { spotOf, type WindowState } from "../../engine/market/market-state.ts";
import type { Slot } from "../../engine/slots.ts";
import type { AlarmRow } from "../../engine/store/tables.ts";
import type { SlotState, SlotStatus, Status } from "../status.ts";
import { CANDIDATE_ACCEPTED, type CandidateStatus, type StrategyStatus } from "../status.ts";
import type { Conditions } from "./conditions.ts";
import type { Steering } from "./steering.ts";
import type { Timings } from "./timings.ts";
import type { TrackRecord } from "./track-record.ts";

export interface StatusParts {
  readonly engine: Engine;
  readonly steering: Steering;
  readonly conditions: Conditions;
  readonly record: TrackRecord;
  readonly cycleTimes: Timings;
  readonly sandbox: () => SandboxCounters;
  readonly feedName: string;
  readonly venueName: string;
  readonly quotes: Status["venue"]["quotes"];
  readonly process: Pick<Status["engine"], "pid" | "node" | "startedAt" | "speed">;
  readonly wallMs: () => number;
}

/** What changes from one status to the next and is measured by the runner. */
export interface Measured {
  readonly stoppedAt: string | null;
  readonly loopLagMaxMs: number;
  readonly heartbeatAt: string | null;
  readonly restartGapMs: number | null;
  readonly journal: JournalHead | null;
}

export function statusOf(parts: StatusParts, measured: Measured): Status {
  const { engine, steering, cycleTimes } = parts;
  const { slots, strategies, ...sandbox } = parts.sandbox();
  const { desk } = engine;
  return {
    observedVersion: steering.observed.version,
    observedDigest: steering.observed.digest,
    result: steering.observed.result,
    error: steering.observed.error,
    applied: steering.applied,
    mode: engine.mode,
    latches: engine.latches.standing.map((latch) => ({
      id: latchId(latch),
      kind: latch.kind,
      scope: latch.scope,
      mode: latch.mode,
      since: iso(latch.sinceMs),
      by: latch.setBy,
      reason: latch.reason,
    })),
    engine: {
      ...parts.process,
      stoppedAt: measured.stoppedAt,
      marketTime: engine.nowMs === 0 ? null : iso(engine.nowMs),
      loopLagMaxMs: measured.loopLagMaxMs,
      decisionLagP99Ms: cycleTimes.percentile(0.99),
    },
    cycle: {
      number: engine.cycle,
      lastMs: cycleTimes.last,
      p50Ms: cycleTimes.percentile(0.5),
      p99Ms: cycleTimes.percentile(0.99),
      missed: engine.missed,
    },
    heartbeat: { seq: engine.heartbeats, at: measured.heartbeatAt },
    restartGapMs: measured.restartGapMs,
    journal: measured.journal,
    strategies: strategiesOf(parts),
    slots: [...engine.slots.all].map((slot) => slotStatus(engine, slot, slots.get(slot.settings.id) ?? null)),
    lastReload: engine.receipts.last,
    sandbox: { ...sandbox, strategies: [...strategies] },
    feeds: [...engine.market.assets].map(({ asset, lastTick, candles }) => {
      const ageMs = lastTick === null ? null : Math.max(0, engine.nowMs - lastTick.receivedAtMs);
      const isStale = ageMs === null || ageMs > engine.settings.risk.staleAfterMs;
      return {
        name: `${parts.feedName} ${asset}`,
        state: isStale ? "stale" : "live",
        ageMs,
        gaps: candles.counters.gaps,
      };
    }),
    venue: {
      name: parts.venueName,
      realMoney: false,
      quotes: parts.quotes,
      state: engine.venueAgrees === false ? "disagrees with the ledger" : "connected",
      cashMicros: desk.ledger.balance("cash"),
      openOrders: desk.liveOrders.length,
    },
    conditions: [...parts.conditions.all, ...refusedCandidates(parts)],
    alarms: { open: engine.alarms.open.map(alarmOf), recent: engine.alarms.recent.map(alarmOf) },
    commands: [...engine.commandsDone],
    writtenAt: iso(parts.wallMs()),
  };
}

const iso = (ms: number): string => new Date(ms).toISOString();

const alarmOf = ({
  id,
  kind,
  severity,
  scope,
  message,
  atMs,
  clearedMs,
  acknowledgedMs,
}: AlarmRow): Status["alarms"]["open"][number] => ({
  id,
  kind,
  severity,
  scope,
  message,
  at: iso(atMs),
  clearedAt: clearedMs === null ? null : iso(clearedMs),
  acknowledgedAt: acknowledgedMs === null ? null : iso(acknowledgedMs),
});

/** An edit or params that were refused and still stand on disk or in control.json: the operator believes them to be live. */
function refusedCandidates({ engine }: StatusParts): Status["conditions"] {
  const names = new Set([...engine.slots.all].map((slot) => slot.settings.strategy));
  return [...names].flatMap((name) => {
    const receipt = engine.receipts.of(name);
    if (receipt === null || !engine.candidates.isRefused(name)) return [];
    const message = receipt.reasons[0] ?? "";
    const reason = receipt.stage ?? "rejected";
    const type = `${CANDIDATE_ACCEPTED}:${name}`;
    return [{ type, status: "False", reason, message, observedVersion: null, lastTransition: receipt.at }];
  });
}

function strategiesOf({ engine, record }: StatusParts): Status["strategies"] {
  const names = new Set([...engine.slots.all].map((slot) => slot.settings.strategy));
  return [...names].map((name) => {
    const slots = [...engine.slots.all].filter((slot) => slot.settings.strategy === name);
    const running = slots.find((slot) => slot.running !== null)?.running ?? null;
    const armed = slots.find((slot) => slot.armed !== null)?.armed ?? null;
    return {
      name,
      running: running === null ? null : shortVersion(name, running.ref.code),
      params: {
        running: { ...running?.params },
        pending: armed === null ? null : { ...armed.params },
        receipt: engine.receipts.of(name)?.id ?? null,
      },
      winRate100: record.winRate(name),
      candidate: candidateStatus(engine, name),
      probation: probationStatus(engine, name),
    };
  });
}

function candidateStatus({ candidates }: Engine, strategy: string): CandidateStatus | null {
  const { receipt } = candidates.waiting(strategy) ?? { receipt: null };
  if (receipt === null || receipt.code === null || receipt.ordinal === null) return null;
  const { id, code, params, ordinal, state, gate, rehearsal } = receipt;
  const version = shortVersion(strategy, code);
  const summary =
    rehearsal === null
      ? null
      : {
          frames: rehearsal.frames,
          sampledOf: rehearsal.sampledOf,
          complete: rehearsal.complete,
          changedWindows: rehearsal.changedWindows,
          effectMicros: rehearsal.pnl === null ? null : rehearsal.pnl.afterMicros - rehearsal.pnl.beforeMicros,
        };
  return { version, ordinal, code, params: params.join("+"), receipt: id, state, gate, rehearsal: summary };
}

function probationStatus({ candidates, settings }: Engine, strategy: string): StrategyStatus["probation"] {
  const candidacy = candidates.onProbation(strategy);
  if (candidacy === null || candidacy.trial === null || candidacy.receipt.to === null) return null;
  const done = candidacy.trial.least(() => true);
  return { version: candidacy.receipt.to, windows: { done, of: settings.reload.probationWindows } };
}

/** The candidate's own shadow first: on probation it is what was replaced that sits beside. */
function shadowOf({ trials }: Slot): string | null {
  const shadows = trials.flatMap(({ shadow, live }) => (shadow === null ? [] : [{ ref: shadow.facts.ref, live }]));
  const shown = shadows.find(({ live }) => live === "running") ?? shadows[0];
  return shown === undefined ? null : shortVersion(shown.ref.strategy, shown.ref.code);
}

function slotStatus(engine: Engine, slot: Slot, sandbox: SlotStatus["sandbox"]): SlotStatus {
  const { id, asset, interval, strategy } = slot.settings;
  const window = engine.market.current(asset, interval, engine.nowMs);
  const position = window === null ? null : engine.desk.position(id, window.market.id);
  const held = position !== null && position.sharesMicros > 0 ? position : null;
  const last = slot.last;
  return {
    id,
    strategy,
    running: slot.running === null ? null : shortVersion(strategy, slot.running.ref.code),
    ordinal: slot.running?.ref.ordinal ?? null,
    params: { ...slot.running?.params },
    armed: slot.armed === null ? null : shortVersion(strategy, slot.armed.ref.code),
    shadow: shadowOf(slot),
    canary: engine.candidates.waiting(strategy)?.canary.includes(id) === true,
    lastSignal:
      last === null
        ? null
        : {
            kind: last.signal.kind,
            probability: "probability" in last.signal ? last.signal.probability : null,
            reason: last.signal.reason,
            cycle: last.cycle,
          },
    position:
      held === null
        ? null
        : {
            side: held.side,
            sharesMicros: held.sharesMicros,
            costMicros: held.costMicros,
            version: shortVersion(held.version.strategy, held.version.code),
            ordinal: held.version.ordinal,
          },
    market: window === null ? null : marketStatus(engine, window),
    state: stateOf(engine, slot, window, held !== null),
    pnlMicros: engine.desk.ledger.profitMicros(id),
    sandbox,
  };
}

function marketStatus(engine: Engine, window: WindowState): NonNullable<SlotStatus["market"]> {
  const spot = spotOf(engine.market.asset(window.market.asset));
  return {
    id: window.market.id,
    spot: Number.isNaN(spot) ? null : spot,
    open: window.strikeE18 === null ? null : Number(window.strikeE18) / 1e18,
    secondsLeft: Math.max(0, (window.market.closeMs - engine.nowMs) / 1000),
    up: shownQuote(window.quote?.up),
    down: shownQuote(window.quote?.down),
  };
}

const shownQuote = (quote: TokenQuote | undefined): { bid: number | null; ask: number | null } => ({
  bid: quote === undefined || quote.bidSizeMicros === 0 ? null : quote.bidMicros / MICROS,
  ask: quote === undefined || quote.askSizeMicros === 0 ? null : quote.askMicros / MICROS,
});

function stateOf(engine: Engine, slot: Slot, window: WindowState | null, holds: boolean): SlotState {
  const { settings, mode } = engine;
  if (mode === "halted") return "halted";
  if (slot.running === null) {
    const ran = engine.slots.activated(slot.settings.id);
    return ran !== null && engine.bars.isQuarantined(ran) ? "quarantined" : "no-code";
  }
  if (mode === "flatten" || mode === "reduce-only") return mode;
  if (holds) return "holding";
  const isDisabled =
    settings.disabledSlots.has(slot.settings.id) || settings.disabledStrategies.has(slot.settings.strategy);
  if (mode === "entries-stopped" || isDisabled) return "paused";
  const { lastTick } = engine.market.asset(slot.settings.asset);
  if (window === null || lastTick === null) return "warming";
  return engine.nowMs - lastTick.receivedAtMs > settings.risk.staleAfterMs ? "stale" : "live";
}
