// The receipt of a reload as status.json has it: every field of it, so that whoever reads the file needs no other source.
import { z } from "zod";
import type { FaultKind } from "../engine/decide/decision.ts";
import type { Said } from "../engine/rehearsal/port.ts";
import { ENDINGS, type GateProgress, RELOAD_CAUSES, type Receipt, STAGES } from "../engine/reload/receipt.ts";

/** Every member of a union: one that is added there and not here is a compile error. */
const memberOf = <T extends string>(members: Readonly<Record<T, true>>) => z.enum(Object.keys(members) as T[]);
const branded = <T extends string>() => z.string().transform((text) => text as T);
const list = <T extends z.ZodType>(of: T) => z.array(of).readonly();

const micros = z.int();
const windows = z.object({ done: z.int(), of: z.int() });
const slotId = branded<Receipt["slots"][number]>();

export const receiptState = z.enum([...STAGES, ...ENDINGS]);

export const gateProgress = z.object({
  policy: z.string(),
  waitsFor: memberOf<NonNullable<GateProgress["waitsFor"]>>({
    shadow: true,
    canary: true,
    approve: true,
    rehearsal: true,
    unpin: true,
  }).nullable(),
  passed: z.int(),
  windows: windows.nullable(),
  canary: list(slotId),
  compared: z.int(),
  differing: z.int(),
  candidateMicros: micros,
  runningMicros: micros,
  harm: z.number(),
});

const said = z.object({
  kind: memberOf<Said["kind"]>({ up: true, down: true, hold: true, exit: true, fault: true }),
  probability: z.number().nullable(),
  limit: z.number().nullable(),
  reason: z.string(),
});

const decision = { slot: slotId, window: branded<RehearsedDecision["window"]>(), cycle: z.int() };

const rehearsal = z.object({
  against: z.string().nullable(),
  frames: z.int(),
  sampledOf: z.int(),
  windows: z.object({ seen: z.int(), wanted: z.int() }),
  complete: z.boolean(),
  pure: z.boolean(),
  impure: z.string().nullable(),
  faults: z.int(),
  firstFault: z
    .object({
      ...decision,
      kind: memberOf<FaultKind>({
        threw: true,
        fuel: true,
        memory: true,
        output: true,
        overdue: true,
        hung: true,
        host: true,
      }),
      message: z.string(),
      where: z.string().nullable(),
      frame: z.string().nullable(),
    })
    .nullable(),
  fuel: z.object({ p50: z.number(), p99: z.number(), max: z.number() }),
  changed: list(z.object({ ...decision, at: z.iso.datetime(), before: said.nullable(), after: said })),
  changedDecisions: z.int(),
  changedWindows: z.int(),
  reworded: z.int(),
  pnl: z.object({ windows: z.int(), beforeMicros: micros, afterMicros: micros }).nullable(),
  notes: list(z.string()),
  elapsedMs: z.number(),
});

export const receiptSchema = z.object({
  id: z.string(),
  strategy: z.string(),
  cause: z.enum(RELOAD_CAUSES),
  state: receiptState,
  stage: z.enum(STAGES).nullable(),
  reasons: list(z.string()),
  from: z.string().nullable(),
  to: z.string().nullable(),
  code: branded<NonNullable<Receipt["code"]>>().nullable(),
  params: list(branded<Receipt["params"][number]>()),
  ordinal: z.int().nullable(),
  slots: list(slotId),
  timingsMs: z.record(z.string(), z.number()),
  rehearsal: rehearsal.nullable(),
  gate: gateProgress.nullable(),
  approvedBy: z.string().nullable(),
  boundaryCycle: z.int().nullable(),
  boundaryUs: z.number().nullable(),
  coreBefore: z.string().nullable(),
  coreAfter: z.string().nullable(),
  at: z.iso.datetime(),
});

type RehearsedDecision = NonNullable<Receipt["rehearsal"]>["changed"][number];

// Both ways: what only one of the two has is a compile error.
receiptSchema satisfies z.ZodType<Receipt>;
type Is<A extends B, B> = A;
export type ReloadStatus = Is<Receipt, z.infer<typeof receiptSchema>>;
