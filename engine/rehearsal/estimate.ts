// What both versions would have earned in the settled windows that were rehearsed, by imagined trades at the rehearsed moments.
import { type BookTerms, PaperTrade } from "../reload/paper-trade.ts";
import type { WindowAnswers } from "./answers.ts";
import type { Scene } from "./plan.ts";
import type { RehearsalReport } from "./port.ts";
import type { RecordedWindow } from "./recorded-window.ts";

export function estimate(scenes: readonly Scene[], terms: BookTerms): RehearsalReport["pnl"] {
  let [windows, beforeMicros, afterMicros] = [0, 0, 0];
  for (const { window, after, running } of scenes) {
    const { outcome } = window;
    const { rows } = after;
    if (outcome === null || rows.length === 0) continue;
    const earned = pnlMicros(window, after, rows, outcome, terms);
    windows += 1;
    afterMicros += earned;
    if (running === null) continue;
    const { before } = running;
    const isSame = rows.every((row) => after.difference(row, before) !== "changed");
    beforeMicros += isSame ? earned : pnlMicros(window, before, rows, outcome, terms);
  }
  return windows === 0 ? null : { windows, beforeMicros, afterMicros };
}

function pnlMicros(
  window: RecordedWindow,
  answers: WindowAnswers,
  rows: readonly number[],
  outcome: "up" | "down",
  terms: BookTerms,
): number {
  let trade: PaperTrade | null = null;
  for (const row of rows) {
    const signal = answers.signal(row);
    if (signal === null || (trade === null && (signal.kind === "hold" || signal.kind === "exit"))) continue;
    trade ??= new PaperTrade(terms);
    const spotAtMs = window.asset.spotAtMs(window.sample(row));
    trade.act(signal, window.state(row), Number.isNaN(spotAtMs) ? null : spotAtMs, window.atMs(row));
  }
  return trade?.settle(outcome).pnlMicros ?? 0;
}
