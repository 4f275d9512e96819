// The tables of a report: versions, seams, trades.
import { assertNever } from "../../engine/base/assert.ts";
import { count, MISSING, plural, profit } from "../number-format.ts";
import { versionMark } from "./flag.ts";
import { html, type Markup } from "./html-markup.ts";
import { amount, instant, percentOf, price, quantity, score, tone, winRateOf } from "./html-numbers.ts";
import { type Column, table } from "./html-table.ts";
import type { MadeBy, Report, Seam, TradeRow, VersionFigures } from "./report.ts";

const TRADES_SHOWN_MAX = 5_000;
const SEAMS_SHOWN_MAX = 1_000;

export const versionSection = ({ versions }: Report): Markup => html`<section class="sec">
<h2><span>What each version earned</span><span>USDC, fees paid; rates are percent with their 95 % Wilson interval</span></h2>
${versions.length === 0 ? html`<p class="dim">No version decided.</p>` : table("Versions", VERSION_COLUMNS, versions)}
</section>`;

export function seamSection({ seams }: Report): Markup {
  const shown = seams.slice(-SEAMS_SHOWN_MAX).reverse();
  const more = seams.length - shown.length;
  return html`<section class="sec">
<h2><span>Where code changed hands</span><span>newest first${more === 0 ? null : `, ${plural(more, "older one")} left out`}</span></h2>
${shown.length === 0 ? html`<p class="dim">It never did.</p>` : table("Seams", SEAM_COLUMNS, shown)}
</section>`;
}

export function tradeSection({ trades, market }: Report): Markup {
  const shown = trades.slice(-TRADES_SHOWN_MAX).reverse();
  const more = trades.length - shown.length;
  return html`<section class="sec">
<h2><span>Trades</span><span>newest first, by the time they were opened, UTC; prices and profit in USDC</span></h2>
${more === 0 ? null : html`<p class="more">These are the newest ${count(shown.length)}; ${plural(more, "older trade")} left out. The CSV has all ${count(trades.length)}.</p>`}
${shown.length === 0 ? html`<p class="dim">No trade was made.</p>` : table("Trades", tradeColumns(market), shown)}
</section>`;
}

/** What people compare: 8 digits. */
const digest = (hash: string): string => hash.slice(0, 8);
const mark = (version: MadeBy): Markup => versionMark(version);

const VERSION_COLUMNS: readonly Column<VersionFigures>[] = [
  { title: "Version", cell: mark },
  { title: "Code", is: "mono", cell: ({ code }) => digest(code) },
  { title: "Params", is: "mono", cell: ({ params }) => digest(params) },
  { title: "Strategy", cell: ({ strategy }) => strategy },
  { title: "First", cell: ({ firstMs }) => instant(firstMs) },
  { title: "Last", cell: ({ lastMs }) => instant(lastMs) },
  { title: "Decisions", is: "number", cell: ({ decisions }) => count(decisions) },
  { title: "Trades", is: "number", cell: ({ trades }) => count(trades) },
  {
    title: "Won, %",
    is: "number",
    cell: (version) => {
      if (version.trades === 0) return MISSING;
      const rate = winRateOf(version);
      return rate === null ? "too few" : percentOf(rate.rate);
    },
  },
  {
    title: "95 % Wilson",
    is: "number",
    cell: (version) => {
      const rate = winRateOf(version);
      return rate === null ? MISSING : `${percentOf(rate.low)} to ${percentOf(rate.high)}`;
    },
  },
  { title: "Needs, %", is: "number", cell: ({ needs }) => (needs === null ? MISSING : percentOf(needs)) },
  {
    title: "Profit",
    is: "number",
    cell: ({ pnlMicros }) => profit(pnlMicros),
    tone: ({ pnlMicros }) => tone(pnlMicros),
  },
  { title: "Fees", is: "number", cell: ({ feesMicros }) => amount(feesMicros, 2) },
  { title: "Brier", is: "number", cell: ({ brier }) => score(brier) },
  { title: "Log loss", is: "number", cell: ({ logLoss }) => score(logLoss) },
];

const SEAM_COLUMNS: readonly Column<Seam>[] = [
  { title: "Time, UTC", cell: ({ atMs }) => instant(atMs) },
  { title: "Cycle", is: "number", cell: ({ cycle }) => count(cycle) },
  { title: "Version", cell: mark },
  { title: "Code", is: "mono", cell: ({ code }) => digest(code) },
  { title: "Params", is: "mono", cell: ({ params }) => digest(params) },
  { title: "Strategy", cell: ({ strategy }) => strategy },
  { title: "Slots", is: "prose", cell: slotsOf },
  { title: "Receipt", is: "mono", cell: ({ receipt }) => receipt ?? MISSING },
  { title: "Approved by", cell: ({ approvedBy }) => approvedBy ?? MISSING },
];

/** The strategy stands beside them: `BTC-5m, ETH-5m`. */
function slotsOf({ slots, strategy }: Seam): string {
  return slots.map((slot) => slot.replace(`-${strategy}`, "")).join(", ");
}

const tradeColumns = (market: Report["market"]): readonly Column<TradeRow>[] => [
  { title: "Time", cell: ({ openedAtMs }) => instant(openedAtMs) },
  { title: "Slot", cell: ({ slot }) => slot },
  { title: "Version", cell: mark },
  { title: "Side", cell: side },
  {
    title: market === "spot" ? "Units" : "Shares",
    is: "number",
    cell: (row) => quantity(row.boughtSharesMicros, market),
  },
  { title: "Entry", is: "number", cell: ({ entryPriceMicros }) => price(entryPriceMicros, market) },
  { title: "Break-even", is: "number", cell: ({ breakEvenMicros }) => price(breakEvenMicros, market) },
  {
    title: "Probability",
    is: "number",
    cell: ({ probability }) => (probability === null ? MISSING : probability.toFixed(2)),
  },
  { title: "Outcome", cell: outcome },
  { title: "Fee", is: "number", cell: ({ feesMicros }) => amount(feesMicros, 4) },
  {
    title: "Profit",
    is: "number",
    cell: (trade) => profit(realised(trade)),
    tone: (trade) => tone(realised(trade)),
  },
  { title: "Reason", is: "prose", cell: ({ reason }) => reason },
  { title: "Decision", is: "mono", cell: ({ decision }) => decision },
];

const realised = ({ closedAtMs, pnlMicros }: TradeRow): number | null => (closedAtMs === null ? null : pnlMicros);

function side({ side }: TradeRow): Markup {
  switch (side) {
    case "up":
      return html`${SHAPE_UP} Up`;
    case "down":
      return html`${SHAPE_DOWN} Down`;
    case "long":
      return html`${SHAPE_UP} Long`;
    default:
      return assertNever(side);
  }
}

const SHAPE_UP = html`<svg class="i" aria-hidden="true"><use href="#up"/></svg>`;
const SHAPE_DOWN = html`<svg class="i" aria-hidden="true"><use href="#down"/></svg>`;
/** Fonts disagree about these. */
export const sideSymbols = (): Markup =>
  html`<symbol id="up" viewBox="0 0 12 12"><path d="M6 1.8 11 10H1z" fill="currentColor"/></symbol><symbol id="down" viewBox="0 0 12 12"><path d="M6 10.2 1 2h10z" fill="currentColor"/></symbol>`;

function outcome({ outcome, side, closedAtMs }: TradeRow): string {
  if (closedAtMs === null) return "open";
  switch (outcome) {
    case "up":
    case "down":
      return outcome === side ? "won" : "lost";
    case "void":
      return "void";
    case "sold":
    case null:
      return "sold";
    default:
      return assertNever(outcome);
  }
}
