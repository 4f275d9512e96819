// How a candidate earns its place: `auto`, or steps in order, as in `shadow:36 -> canary:2/48 -> approve`.
import { assertNever } from "../base/assert.ts";

export type PromotionStep =
  /** Decides beside the running version for this many windows a slot, and costs nothing. */
  | { readonly type: "shadow"; readonly windows: number }
  /** Live on some slots for this many windows, the running version shadowing them. */
  | { readonly type: "canary"; readonly slots: number; readonly windows: number }
  /** An operator confirms this very code and params hash. */
  | { readonly type: "approve" };

/** `ungated` skips the rehearsal's verdict too: tests on the simulated venue only. */
export type Promotion =
  | { readonly type: "auto" }
  | { readonly type: "ungated" }
  | { readonly type: "steps"; readonly steps: readonly PromotionStep[] };

const PROMOTION_STEPS_MAX = 8;
export const PROMOTION_SYNTAX = '"auto", or steps like "shadow:36 -> canary:2/48 -> approve"';

const COUNT = "([1-9]\\d{0,4})";
const SHADOW = new RegExp(`^shadow:${COUNT}$`);
const CANARY = new RegExp(`^canary:${COUNT}/${COUNT}$`);

/** Null when the text is not a policy. */
export function parsePromotion(text: string): Promotion | null {
  if (text === "auto" || text === "ungated") return { type: text };
  const steps = text.split("->").map((part) => parseStep(part.trim()));
  if (steps.length > PROMOTION_STEPS_MAX || !steps.every((step) => step !== null)) return null;
  return { type: "steps", steps };
}

function parseStep(text: string): PromotionStep | null {
  if (text === "approve") return { type: "approve" };
  const shadow = SHADOW.exec(text);
  if (shadow !== null) return { type: "shadow", windows: Number(shadow[1]) };
  const canary = CANARY.exec(text);
  return canary === null ? null : { type: "canary", slots: Number(canary[1]), windows: Number(canary[2]) };
}

/** As it is written. */
export function promotionText(promotion: Promotion): string {
  return promotion.type === "steps" ? promotion.steps.map(stepText).join(" -> ") : promotion.type;
}

export function stepText(step: PromotionStep): string {
  switch (step.type) {
    case "shadow":
      return `shadow:${step.windows}`;
    case "canary":
      return `canary:${step.slots}/${step.windows}`;
    case "approve":
      return "approve";
    default:
      return assertNever(step, "promotion step");
  }
}
