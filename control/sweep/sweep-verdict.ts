// What a sweep shows, in plain words: whoever reads nothing else is not to take luck for an edge.
import { count, plural, usdc } from "../number-format.ts";
import type { Ranking } from "./ranking.ts";

/** Of a one-sided test at 5 %. */
const EVIDENCE_FROM = 0.95;
const RETURNS_FEW = 30;

export function sweepVerdict({ ranked, tried, luck, walkForward }: Ranking, returns: number): string {
  const [best] = ranked;
  if (best === undefined) return "No trial was done: there is nothing to rank.";
  const { sharpe, deflatedSharpe } = best;
  if (sharpe === null || deflatedSharpe === null) {
    return tried === 0
      ? `None of ${plural(ranked.length, "trial")} risked anything: there is nothing to rank.`
      : `Best of ${plural(ranked.length, "trial")}: the one that risks nothing. All others lost money.`;
  }
  const of = ranked.length === 1 ? "The one trial" : `Best of ${plural(ranked.length, "trial")}`;
  const few = returns < RETURNS_FEW ? [`${returns} returns are few: none of this weighs much.`] : [];
  if (best.pnlMicros <= 0)
    return [`${of}: Sharpe ${ratio(sharpe)}, it lost money: not evidence of an edge.`, ...few].join(" ");
  const inSoMany = tried === 1 ? "luck alone gives" : `luck alone gives in ${count(tried)} trials, ${ratio(luck)}`;
  const probability = `(deflated probability ${deflatedSharpe.toFixed(2)})`;
  const verdict =
    deflatedSharpe >= EVIDENCE_FROM
      ? `is more than what ${inSoMany} ${probability}: evidence of an edge, as far as these data go.`
      : deflatedSharpe >= 0.5
        ? `is not clearly above what ${inSoMany} ${probability}: not evidence of an edge.`
        : `is what ${inSoMany} ${probability}: not evidence of an edge.`;
  const earned = walkForward.outOfSamplePnlMicros;
  const forward = `Chosen by the past alone, params ${earned < 0 ? "lost" : "earned"} ${usdc(Math.abs(earned))} USDC out of sample.`;
  return [`${of}: Sharpe ${ratio(sharpe)} ${verdict}`, forward, ...few].join(" ");
}

/** `1.9`, `−0.4`: a year's Sharpe ratio. */
export const ratio = (sharpe: number): string =>
  sharpe
    .toFixed(1)
    .replace(/^-0\.0$/, "0.0")
    .replace("-", "\u2212");
