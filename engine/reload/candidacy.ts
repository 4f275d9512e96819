// One version on its way: what it wants to decide, which steps of its policy it has passed, and the trial it is in.
import type { SlotId } from "../base/ids.ts";
import { type VersionKey, versionKey } from "../decide/version.ts";
import { FuelGrowth } from "./fuel-growth.ts";
import { type Promotion, type PromotionStep, parsePromotion, promotionText } from "./promotion.ts";
import type { GateProgress, Receipt } from "./receipt.ts";
import { Trial, type TrialState } from "./trial.ts";
import { VersionDetector } from "./version-detector.ts";

export class Candidacy {
  receipt: Receipt;
  readonly promotion: Promotion;
  /** Version by slot. */
  wanted: ReadonlyMap<SlotId, VersionKey>;
  /** Steps of the policy behind it. */
  passed: number;
  approvedBy: string | null;
  /** The newest save of the same version: what is still rehearsed of it is told under this id. */
  attempt: string;
  /** What its real trades were found to be; null while they are sound. */
  losses: string | null = null;
  /** Slots that trade with it before the others do. */
  canary: readonly SlotId[];
  trial: Trial | null = null;
  /** What the trial compares it with: the versions of its slots when it began. */
  against = "";
  /** Whether the imagined trades of what ran before it were alarming as well, in the same trial. */
  runningAlarmed = false;
  /** Of the trial: what it compares with, watched like any version. */
  #runningDetector = new VersionDetector();
  #fuel = new FuelGrowth();
  /** Decisions that it could not make and the other one could. */
  #faults: string[] = [];

  constructor(receipt: Receipt, promotion: Promotion, wanted: ReadonlyMap<SlotId, VersionKey>) {
    this.receipt = receipt;
    this.promotion = promotion;
    this.wanted = wanted;
    this.passed = receipt.gate?.passed ?? 0;
    this.approvedBy = receipt.approvedBy;
    this.attempt = receipt.id;
    this.canary = receipt.gate?.canary ?? [];
  }

  get keys(): ReadonlySet<VersionKey> {
    return new Set(this.wanted.values());
  }

  /** What it must pass next; null when nothing is left. */
  get step(): PromotionStep | null {
    return this.promotion.type === "steps" ? (this.promotion.steps[this.passed] ?? null) : null;
  }

  get asksApproval(): boolean {
    return this.promotion.type === "steps" && this.promotion.steps.some(({ type }) => type === "approve");
  }

  get runningDetector(): VersionDetector {
    return this.#runningDetector;
  }

  get faults(): readonly string[] {
    return this.#faults;
  }

  get fuel(): FuelGrowth {
    return this.#fuel;
  }

  isOf(receiptId: string): boolean {
    return this.receipt.id === receiptId || this.attempt === receiptId;
  }

  beginTrial(slots: readonly SlotId[], state: TrialState | null = null): void {
    this.trial = new Trial(slots, state);
    this.runningAlarmed = false;
    this.losses = null;
    this.#runningDetector = new VersionDetector();
    this.#fuel = new FuelGrowth();
    this.#faults = [];
  }

  faulted(what: string): void {
    this.#faults.push(what);
  }

  decides(ref: { readonly code: Receipt["code"] & string; readonly params: Receipt["params"][number] }): boolean {
    return this.keys.has(versionKey(ref));
  }

  progress(waitsFor: GateProgress["waitsFor"], isAsked: (slot: SlotId) => boolean): GateProgress {
    const { trial, step } = this;
    // What the last trial found stays to be seen by whoever is to approve it, also after a restart.
    const found = trial?.state ?? this.receipt.gate;
    const of = step !== null && step.type !== "approve" ? step.windows : null;
    return {
      policy: promotionText(this.promotion),
      waitsFor,
      passed: this.passed,
      windows: trial === null || of === null ? null : { done: trial.least(isAsked), of },
      canary: this.canary,
      compared: found?.compared ?? 0,
      differing: found?.differing ?? 0,
      candidateMicros: found?.candidateMicros ?? 0,
      runningMicros: found?.runningMicros ?? 0,
      harm: Math.round((trial?.harm ?? this.receipt.gate?.harm ?? 1) * 1000) / 1000,
    };
  }
}

/** The policy that it came under, whatever the configuration says by now. */
export const policyOf = ({ gate }: Receipt): Promotion => parsePromotion(gate?.policy ?? "") ?? { type: "auto" };
