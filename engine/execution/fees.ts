// The venue's fee rule: takers pay shares × rate × p × (1 − p), makers pay nothing.
import { divide } from "../base/micros.ts";

/** Fees are charged in steps of 0.00001 USDC. */
export const FEE_STEP_MICROS = 10;

/** shares, rate, p and 1 − p each carry 10^6, a micro takes 10^6 back, and the step takes one digit more. */
const SCALE = 10n ** 19n;

/**
 * Fee of one taker fill in micro-USDC, floored to 5 decimals as on chain (its fill events agree with floor alone).
 * The product passes 2^53 from a few shares on, so it lives in BigInt.
 */
export function takerFeeMicros(sharesMicros: number, priceMicros: number, feeRatePpm: number): number {
  const product = BigInt(sharesMicros) * BigInt(feeRatePpm) * BigInt(priceMicros) * BigInt(1_000_000 - priceMicros);
  return divide(product, SCALE, "floor") * FEE_STEP_MICROS;
}
