// One trade as people read it: what it was in one sentence, then from the money back to the code, which is printed.
import { shortVersion } from "../../engine/base/ids.ts";
import { formatMicros } from "../../engine/base/micros.ts";
import { count, MISSING, plural, profit } from "../number-format.ts";
import { renderDecision } from "../replay/decision-view.ts";
import { type Paint, wrap } from "../text-table.ts";
import type { DecisionTrace } from "./decision-trace.ts";
import type { TracedVersion, TradeChain } from "./trade-chain.ts";

const DIGITS = 6;
const NESTED = "  ";

const nested = (text: string, width: number): string[] =>
  wrap(text.trimStart(), width - NESTED.length).map((line) => `${NESTED}${line}`);

interface Look {
  readonly width: number;
  readonly paint: Paint;
}

export function renderChain(chain: TradeChain, { width, paint }: Look): string {
  const wrapped = (lines: readonly string[]) =>
    lines.flatMap((line) => (line.startsWith(NESTED) ? nested(line, width) : wrap(line, width)));
  const blocks = [
    wrap(sentence(chain), width).map((line) => paint("bold", line)),
    wrapped(endLines(chain)),
    wrapped(chain.orders.flatMap(orderLines)),
    ...chain.decisions.map((decision) => decisionLines(decision, { width, paint })),
    ...(chain.decisions.length === 0 ? [["The decision behind it is not kept any more."]] : []),
    ...chain.versions.map((version) => [...wrapped(versionLines(version)), ...sourceLines(version, paint)]),
    chain.transfers.map(
      ({ id, kind, debit, credit, amountMicros }) =>
        `transfer ${id}: ${kind} ${formatMicros(amountMicros, DIGITS)} to ${debit} from ${credit}`,
    ),
  ];
  return blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join("\n"))
    .join("\n\n");
}

const instant = (ms: number | null): string =>
  ms === null ? MISSING : new Date(ms).toISOString().replace("T", " ").slice(0, 19);
const price = (micros: number): string => formatMicros(micros, 3);

function sentence({ kind, id, position, orders, decisions, versions }: TradeChain): string {
  const by = versions.map(({ version, ordinal }) => `${version}${ordinal === null ? "" : ` (v${ordinal})`}`).join(", ");
  if (position === null) {
    const what = decisions[0] === undefined ? "" : `: ${decisions[0].kind}`;
    const came = orders.length === 0 ? "ordered nothing" : `led to ${plural(orders.length, "order")} and no position`;
    return `The ${kind} ${id}${what} by ${by} ${came}.`;
  }
  const { side, market, boughtSharesMicros, status, outcome, realisedMicros, feesMicros } = position;
  const end = status === "settled" ? `settled ${outcome}` : status === "closed" ? "sold" : "still open";
  return `${formatMicros(boughtSharesMicros)} ${side} in ${market}, by ${by}: ${end}, ${profit(realisedMicros - feesMicros)} USDC after fees.`;
}

function endLines({ settlement, position }: TradeChain): string[] {
  if (settlement === null) return [];
  const { market, strikeE18, endE18, computedOutcome, venueOutcome, claimStatus, claimedMicros } = settlement;
  const known = (text: string | null) => text ?? MISSING;
  return [
    `market ${market}: strike ${e18(strikeE18)}, end ${e18(endE18)}; ${known(computedOutcome)} by our prices, ${known(venueOutcome)} at the venue`,
    `claim: ${claimStatus}${claimStatus === "none" ? "" : ` ${formatMicros(claimedMicros, DIGITS)}, of all positions in this market`}`,
    ...(position?.closedAtMs == null ? [] : [`ended ${instant(position.closedAtMs)}`]),
  ];
}

/** 1e18-scaled, without the zeros at its end. */
const e18 = (text: string | null): string => {
  if (text === null) return MISSING;
  const digits = text.padStart(19, "0");
  return `${digits.slice(0, -18)}.${digits.slice(-18).replace(/0+$/, "").padEnd(2, "0")}`;
};

function orderLines(order: TradeChain["orders"][number]): string[] {
  const { clientOrderId, leg, action, side, limitMicros, sharesMicros, timeInForce, status, statusReason } = order;
  const { venueOrderId, createdAtMs, strategy, code, fills, decision } = order;
  const ended = `${status}${statusReason === null ? "" : `: ${statusReason}`}`;
  return [
    `order ${clientOrderId}: ${leg}, ${action} ${formatMicros(sharesMicros)} ${side} at ${price(limitMicros)} or better, ${timeInForce}; ${ended}; made ${instant(createdAtMs)} by ${shortVersion(strategy, code)}, decision ${decision}, at the venue ${venueOrderId ?? MISSING}`,
    ...fills.map(
      ({ tradeId, sharesMicros, priceMicros, feeMicros, liquidity, atMs }) =>
        `  fill ${tradeId}: ${formatMicros(sharesMicros)} at ${price(priceMicros)}, fee ${formatMicros(feeMicros, DIGITS)}, ${liquidity}, ${instant(atMs)}`,
    ),
  ];
}

function decisionLines(decision: DecisionTrace, { width, paint }: Look): string[] {
  const { id, atMs, strategy, code, params, kind, probability, limit, reason, fuel } = decision;
  const { view, digest, journal, control } = decision;
  const stated = `${probability === null ? "" : ` at probability ${probability}`}${limit === null ? "" : `, limit ${limit}`}`;
  const inForce =
    control === null
      ? "the configuration alone was in force"
      : `control version ${control.version}${control.author === null ? "" : ` of ${control.author}`} was in force`;
  const made = `by ${shortVersion(strategy, code)} with params ${params.slice(0, 8)}; ${inForce}`;
  const where =
    journal === null
      ? "its frame is not in the journal"
      : `journal row ${count(journal.seq)}, ${journal.hash}; digest ${digest}`;
  return [
    ...(view === null
      ? wrap(`decision ${id}, ${instant(atMs)}: ${kind}${stated}, "${reason}", fuel ${count(fuel)}`, width)
      : renderDecision(view, width, paint)),
    ...nested(made, width),
    ...nested(where, width),
  ];
}

function versionLines({ version, code, ordinal, params, values, commit, flaw, receipt }: TracedVersion): string[] {
  return [
    `version ${version}${ordinal === null ? "" : ` (v${ordinal})`}: code ${code}${commit === null ? "" : `, git commit ${commit}`}`,
    `  params ${params}: ${JSON.stringify(values)}`,
    receipt === null ? "  no receipt is kept of how it came" : receiptLine(receipt),
    ...(flaw === null ? [] : [`  its code cannot be shown: ${flaw}`]),
  ];
}

function receiptLine({
  id,
  cause,
  at,
  state,
  timingsMs,
  approvedBy,
  boundaryCycle,
}: NonNullable<TracedVersion["receipt"]>): string {
  const laps = Object.entries(timingsMs).map(([stage, ms]) => `${stage} ${count(Math.round(ms))} ms`);
  const approved = approvedBy === null ? "" : `, approved by ${approvedBy}`;
  const boundary = boundaryCycle === null ? "" : `, boundary at cycle ${count(boundaryCycle)}`;
  return `  receipt ${id}, ${cause}, ${at.slice(0, 19).replace("T", " ")}: ${state}${approved}${boundary}${laps.length === 0 ? "" : ` (${laps.join(", ")})`}`;
}

function sourceLines({ files }: TracedVersion, paint: Paint): string[] {
  return files.flatMap(({ path, text }) => {
    const lines = text.replace(/\n$/, "").split("\n");
    const digits = String(lines.length).length;
    return [
      paint("cyan", `── ${path}`),
      ...lines.map((line, index) => `${paint("gray", String(index + 1).padStart(digits))}  ${line}`.trimEnd()),
    ];
  });
}
