// The row of figures: what it earned, at what risk, and how much of that is luck.
import { count, MISSING, plural, profit } from "../number-format.ts";
import { html, type Markup } from "./html-markup.ts";
import { amount, score, tone, winRateText } from "./html-numbers.ts";
import type { Report } from "./report.ts";

export function figuresRow({ total, startCashMicros, endEquityMicros, decisions }: Report): Markup {
  const { rate, rest } = winRateText(total);
  const figures: readonly (readonly [title: string, value: string, more: string, tone?: string])[] = [
    [
      "Profit, fees paid",
      profit(total.pnlMicros),
      `USDC, ${usdc(startCashMicros)} became ${usdc(endEquityMicros)}`,
      tone(total.pnlMicros),
    ],
    ["Trades", count(total.trades), `of ${plural(decisions, "decision")}`],
    ["Win rate, 95 %", rate, rest],
    ["Fees", usdc(total.feesMicros), "USDC"],
    ["Largest fall", usdc(total.drawdownMicros), "USDC, realised"],
    ["At risk, most", usdc(total.exposureMaxMicros), `USDC, mean ${usdc(total.exposureMeanMicros)}`],
    ...(total.brier === null ? [] : [["Brier", score(total.brier), `log loss ${score(total.logLoss)}`] as const]),
  ];
  return html`<div class="figs"><dl>${figures.map(
    ([title, value, more, tone]) =>
      html`<div><dt>${title}</dt><dd><span class="${value === MISSING ? "dim" : (tone ?? "ink")}">${value}</span> <small>${more}</small></dd></div>`,
  )}</dl></div>`;
}

const usdc = (micros: number): string => amount(micros, 2);
