// What status.json says: what the bot does, as opposed to what control.json wants. The bot is its only writer; the CLI and
// the panel read nothing else. Instants are ISO 8601 UTC text, so that a person can read the file; numbers carry their unit.
// Readers ignore fields they do not know, so an older CLI can watch a newer bot; and a receipt or candidate that they cannot
// read is none to them, for a halt must not fail for it.
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { messageOf, UserError } from "../engine/base/errors.ts";
import { MODES } from "../engine/risk/settings.ts";
import { gateProgress, receiptSchema, receiptState } from "./receipt-schema.ts";

export type { ReloadStatus } from "./receipt-schema.ts";

/** Shapes, words and colours of these are the panel's; a slot is in exactly one. */
const SLOT_STATES = [
  "live",
  "holding",
  "warming", // its market or its inputs are not there yet
  "no-code", // no version of its strategy was ever good
  "paused", // entries stopped, or disabled by the operator
  "reduce-only",
  "flatten",
  "stale",
  "quarantined", // its version may not decide any more, and there is none to go back to
  "halted",
] as const;
/** `CandidateAccepted:momentum` is False while what stands on disk for it is refused. */
export const CANDIDATE_ACCEPTED = "CandidateAccepted";

export type SlotState = (typeof SLOT_STATES)[number];

const instant = z.iso.datetime();
const micros = z.int();
const side = z.enum(["up", "down"]);
const params = z.record(z.string(), z.union([z.number(), z.boolean(), z.string()]));
const controlError = z.object({ code: z.string(), path: z.string(), message: z.string() });
/** Prices in USDC a share, for display; an empty side is null. */
const quote = z.object({ bid: z.number().nullable(), ask: z.number().nullable() });

/** What decisions came to: see SandboxCounters for what each is over. */
const figures = {
  decisions: z.int(),
  faults: z.int(),
  /** Ticks; 0 before any was measured. */
  fuelP50: z.number(),
  fuelP99: z.number(),
  heapBytes: z.int(),
  lastFault: z
    .object({
      kind: z.string(),
      message: z.string(),
      where: z.string().nullable(),
      slot: z.string(),
      version: z.string(),
      ordinal: z.int(),
      cycle: z.int(),
    })
    .nullable(),
};

const slot = z.object({
  id: z.string(),
  strategy: z.string(),
  /** What decides the next entry, `momentum@3f9a2c1e`, and its number, v14. */
  running: z.string().nullable(),
  ordinal: z.int().nullable(),
  params,
  /** The version that takes over at the next boundary. */
  armed: z.string().nullable(),
  /** The version that decides beside it and does not trade. */
  shadow: z.string().nullable().default(null),
  /** A candidate decides it, while the other slots of its strategy still run the version before. */
  canary: z.boolean().default(false),
  lastSignal: z
    .object({
      kind: z.enum(["up", "down", "hold", "exit"]),
      probability: z.number().nullable(),
      reason: z.string(),
      cycle: z.int(),
    })
    .nullable(),
  /** `version` is the one the position is pinned to: it opened it and decides its exit. */
  position: z
    .object({ side, sharesMicros: micros, costMicros: micros, version: z.string(), ordinal: z.int() })
    .nullable(),
  market: z
    .object({
      id: z.string(),
      spot: z.number().nullable(),
      open: z.number().nullable(),
      secondsLeft: z.number(),
      up: quote,
      down: quote,
    })
    .nullable(),
  state: z.enum(SLOT_STATES),
  /** Realised after fees, over the whole ledger; null when not known. */
  pnlMicros: micros.nullable(),
  /** Of what decided it last; null before the first decision. */
  sandbox: z.object(figures).nullable(),
});

/** What is on its way for a strategy, once it is loaded. */
const candidate = z.object({
  /** `momentum@8b41d07e`, v15. */
  version: z.string(),
  ordinal: z.int(),
  /** What `approve` and `reject` must name, in full; params joined by "+". */
  code: z.string(),
  params: z.string(),
  /** Id of its receipt. */
  receipt: z.string(),
  state: receiptState,
  gate: gateProgress.nullable(),
  rehearsal: z
    .object({
      frames: z.int(),
      sampledOf: z.int(),
      complete: z.boolean(),
      changedWindows: z.int(),
      /** Estimated profit with it less that without it; null without settled windows that changed. */
      effectMicros: micros.nullable(),
    })
    .nullable(),
});

const strategy = z.object({
  name: z.string(),
  running: z.string().nullable(),
  params: z.object({ running: params, pending: params.nullable(), receipt: z.string().nullable() }),
  winRate100: z.object({ rate: z.number(), low: z.number(), high: z.number(), trades: z.int() }).nullable(),
  candidate: candidate.nullable().catch(null),
  /** Active, and rolled back by itself until it has decided this many settled windows a slot. */
  probation: z
    .object({ version: z.string(), windows: z.object({ done: z.int(), of: z.int() }) })
    .nullable()
    .default(null),
});

const latch = z.object({
  /** What `clear` takes: the kind for a latch on the whole bot, `quarantine:momentum@3f9a2c1e/0b4d77aa` for one on a version. */
  id: z.string(),
  kind: z.string(),
  scope: z.string(),
  /** What it holds the bot to; "active" for one that only bars a version. */
  mode: z.string(),
  since: instant,
  by: z.string(),
  reason: z.string(),
});

const alarm = z.object({
  id: z.int(),
  kind: z.string(),
  severity: z.enum(["warning", "critical"]),
  scope: z.string(),
  message: z.string(),
  at: instant,
  clearedAt: instant.nullable(),
  acknowledgedAt: instant.nullable().optional(),
});

const condition = z.object({
  type: z.string(),
  status: z.enum(["True", "False", "Unknown"]),
  reason: z.string(),
  message: z.string(),
  observedVersion: z.int().nullable(),
  lastTransition: instant,
});

const statusSchema = z.object({
  /** The control file last looked at, and what became of it; null before the first. */
  observedVersion: z.int().nullable(),
  observedDigest: z.string().nullable(),
  result: z.enum(["Ack", "Nack"]).nullable(),
  error: controlError.nullable(),
  /** What runs. `control` is that file's content, from which the next change starts. */
  applied: z.object({ version: z.int(), cycle: z.int(), control: z.unknown() }).nullable(),
  /** In effect, latches included. */
  mode: z.enum(MODES),
  latches: z.array(latch),
  engine: z.object({
    pid: z.int(),
    node: z.string(),
    startedAt: instant,
    /** Set by the last status of an orderly end. */
    stoppedAt: instant.nullable(),
    speed: z.union([z.number(), z.literal("max")]),
    marketTime: instant.nullable(),
    loopLagMaxMs: z.number(),
    decisionLagP99Ms: z.number().nullable(),
  }),
  cycle: z.object({
    number: z.int(),
    lastMs: z.number().nullable(),
    p50Ms: z.number().nullable(),
    p99Ms: z.number().nullable(),
    missed: z.int(),
  }),
  heartbeat: z.object({ seq: z.int(), at: instant.nullable() }),
  restartGapMs: z.number().nullable(),
  /** The last row that is on disk, and its hash: a journal that ends before it was cut off. Null before the first. */
  journal: z.object({ seq: z.number(), cycle: z.number(), hash: z.string() }).nullable(),
  strategies: z.array(strategy),
  slots: z.array(slot),
  lastReload: receiptSchema.nullable().catch(null),
  sandbox: z.object({
    /** The QuickJS it runs on: "bellard" or "ng". */
    engine: z.string(),
    worker: z.string(),
    /** Most ticks that one decision may spend. */
    fuelMax: z.number(),
    ...figures,
    replaced: z.int(),
    strategies: z.array(z.object({ name: z.string(), ...figures })),
  }),
  feeds: z.array(z.object({ name: z.string(), state: z.string(), ageMs: z.number().nullable(), gaps: z.int() })),
  venue: z.object({
    name: z.string(),
    realMoney: z.boolean(),
    /** "modelled" where no order book was recorded: fills and profits are then a model's. */
    quotes: z.enum(["recorded", "modelled"]),
    state: z.string(),
    cashMicros: micros.nullable(),
    openOrders: z.int(),
  }),
  conditions: z.array(condition),
  alarms: z.object({ open: z.array(alarm), recent: z.array(alarm) }),
  /** Commands that took effect, newest last. */
  commands: z.array(z.object({ id: z.string(), cycle: z.int(), effect: z.string() })),
  /** Real time, also when the market's runs faster. */
  writtenAt: instant,
});

export type Status = z.infer<typeof statusSchema>;
export type SlotStatus = Status["slots"][number];
export type StrategyFigures = Status["sandbox"]["strategies"][number];
export type StrategyStatus = Status["strategies"][number];
export type CandidateStatus = NonNullable<StrategyStatus["candidate"]>;

/** Null when there is none. A file that is not a status is the user's to know about. */
export async function readStatus(path: string): Promise<Status | null> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new UserError("data", `Cannot read the status: ${messageOf(error)}`, { where: path, cause: error });
  }
  const parsed = statusSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  const { path: at = [], message } = parsed.error.issues[0]!;
  throw new UserError("data", `Cannot read the status: ${at.join(".") || "the file"}: ${message}`, {
    where: path,
    hint: "was it written by another version of Underway?",
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
