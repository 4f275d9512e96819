// A status with nothing special in it, for tests that care about one part of it.
import type { CandidateStatus, ReloadStatus, SlotStatus, Status, StrategyStatus } from "../../control/status.ts";
import type { CodeVersion, ParamsHash } from "../../engine/base/ids.ts";

const FIGURES = { decisions: 10, faults: 0, fuelP50: 320, fuelP99: 900, heapBytes: 217_088, lastFault: null };

export const exampleSlot = (changes: Partial<SlotStatus> = {}): SlotStatus => ({
  id: "BTC-5m-momentum",
  strategy: "momentum",
  running: "momentum@3f9a2c1e",
  ordinal: 14,
  params: { trigger: 2.5 },
  armed: null,
  shadow: null,
  canary: false,
  lastSignal: { kind: "hold", probability: null, reason: "no edge", cycle: 120_431 },
  position: null,
  market: {
    id: "btc-updown-5m-1780920300",
    spot: 91_284.12,
    open: 91_216.6,
    secondsLeft: 134,
    up: { bid: 0.7, ask: 0.71 },
    down: { bid: 0.28, ask: 0.3 },
  },
  state: "live",
  pnlMicros: 0,
  sandbox: FIGURES,
  ...changes,
});

const CODE = "8b41d07e".padEnd(64, "0");
const PARAMS = "0b4d77aa".padEnd(64, "0");

/** `momentum@8b41d07e`, v15: its shadow has passed, and it waits for approval. */
export const exampleCandidate = (changes: Partial<CandidateStatus> = {}): CandidateStatus => ({
  version: "momentum@8b41d07e",
  ordinal: 15,
  code: CODE,
  params: PARAMS,
  receipt: "momentum-12",
  state: "gated",
  gate: {
    policy: "shadow:36 -> approve",
    waitsFor: "approve",
    passed: 1,
    windows: null,
    canary: [],
    compared: 576,
    differing: 3,
    candidateMicros: 1_200_000,
    runningMicros: 800_000,
    harm: 0.412,
  },
  rehearsal: { frames: 4_608, sampledOf: 460_800, complete: true, changedWindows: 11, effectMicros: 400_000 },
  ...changes,
});

export const exampleStrategy = (changes: Partial<StrategyStatus> = {}): StrategyStatus => ({
  name: "momentum",
  running: "momentum@3f9a2c1e",
  params: { running: { trigger: 2.5 }, pending: null, receipt: null },
  winRate100: null,
  candidate: null,
  probation: null,
  ...changes,
});

/** An edit that went live. */
export const exampleReceipt = (changes: Partial<ReloadStatus> = {}): ReloadStatus => ({
  id: "momentum-12",
  strategy: "momentum",
  cause: "file",
  state: "active",
  stage: null,
  reasons: [],
  from: "momentum@3f9a2c1e",
  to: "momentum@8b41d07e",
  code: CODE as CodeVersion,
  params: [PARAMS as ParamsHash],
  ordinal: 15,
  slots: [],
  timingsMs: { bundled: 21.4, total: 188.2 },
  rehearsal: null,
  gate: null,
  approvedBy: null,
  boundaryCycle: 120_430,
  boundaryUs: 38.4,
  coreBefore: "5e1f",
  coreAfter: "5e1f",
  at: "2026-06-08T12:05:00.000Z",
  ...changes,
});

export const exampleStatus = (changes: Partial<Status> = {}): Status => ({
  observedVersion: null,
  observedDigest: null,
  result: null,
  error: null,
  applied: null,
  mode: "active",
  latches: [],
  engine: {
    pid: 1,
    node: "24.21.0",
    startedAt: "2026-06-08T12:00:00.000Z",
    stoppedAt: null,
    speed: 1,
    marketTime: "2026-06-08T12:07:46.000Z",
    loopLagMaxMs: 1.2,
    decisionLagP99Ms: 3.4,
  },
  cycle: { number: 120_431, lastMs: 1.8, p50Ms: 1.9, p99Ms: 6.4, missed: 0 },
  heartbeat: { seq: 3, at: "2026-06-08T12:07:30.000Z" },
  restartGapMs: null,
  journal: null,
  strategies: [],
  slots: [exampleSlot()],
  lastReload: null,
  sandbox: {
    engine: "bellard",
    worker: "ready",
    fuelMax: 1_000_000,
    ...FIGURES,
    replaced: 0,
    strategies: [{ name: "momentum", ...FIGURES }],
  },
  feeds: [],
  venue: {
    name: "simulated",
    realMoney: false,
    quotes: "modelled",
    state: "ready",
    cashMicros: 1_000_000_000,
    openOrders: 0,
  },
  conditions: [],
  alarms: { open: [], recent: [] },
  commands: [],
  writtenAt: "2026-06-08T12:07:46.500Z",
  ...changes,
});
