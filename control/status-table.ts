// The status on a terminal: the sentence, the figures, the slots, what is to trade next, the strategies, then whatever wants
// attention. Colour repeats what the words say and never adds to it. Everything fits the width; what does not is left out,
// least important first.
import { stripVTControlCharacters, styleText } from "node:util";
import { candidateLines } from "./candidate-lines.ts";
import { statusAgeMs } from "./data-directory.ts";
import {
  age,
  basisPoints,
  bytes,
  clock,
  count,
  MISSING,
  measured,
  milliseconds,
  plural,
  profit,
  time,
  usdc,
} from "./number-format.ts";
import type { ReloadStatus, SlotStatus, Status } from "./status.ts";
import { refusal, statusSentence } from "./status-sentence.ts";
import { strategyTable } from "./strategy-table.ts";
import { type Column, flow, type Paint, type Style, table, wrap } from "./text-table.ts";

const WIDTH_MIN = 80;
const WIDTH_MAX = 160;
/** Two cycles and two seconds: from then on the figures may no longer hold. */
const STALE_AFTER_MS = 4_000;

export interface TableOptions {
  /** Columns of the terminal. */
  readonly width: number;
  readonly color: boolean;
  /** Real time, to tell the age of the status. */
  readonly nowMs: number;
}

export function renderStatus(status: Status, { width, color, nowMs }: TableOptions): string {
  const paint: Paint = color ? (style, text) => styleText(style, text, { validateStream: false }) : (_, text) => text;
  const columns = Math.min(WIDTH_MAX, Math.max(WIDTH_MIN, width));
  const lines = (style: Style, text: string) => wrap(text, columns).map((line) => paint(style, line));
  const blocks = [
    [...stopped(status, nowMs).flatMap((text) => lines("yellow", text)), ...lines("bold", statusSentence(status))],
    figures(status, nowMs).flatMap((parts) => flow(parts, " · ", columns).map((line) => paint("gray", line))),
    slotTable(status, columns, paint),
    candidateLines(status, columns, paint),
    strategyTable(status.sandbox, columns, paint),
    attention(status, nowMs).flatMap(({ style, text }) => lines(style, text)),
  ];
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join("\n"))
    .join("\n\n")}\n`;
}

function stopped(status: Status, nowMs: number): string[] {
  const stoppedAt = status.engine.stoppedAt;
  if (stoppedAt !== null) return [`The bot stopped at ${time(stoppedAt, nowMs)}. This is what it last said.`];
  const ageMs = statusAgeMs(status, nowMs);
  return ageMs > STALE_AFTER_MS ? [`Status ${age(ageMs)} old: the bot may be down.`] : [];
}

function figures({ venue, slots, cycle, applied, mode, sandbox, engine }: Status, nowMs: number): string[][] {
  const pnl = slots.some(({ pnlMicros }) => pnlMicros !== null)
    ? slots.reduce((sum, slot) => sum + (slot.pnlMicros ?? 0), 0)
    : null;
  const market = engine.marketTime === null ? "" : `, market time ${time(engine.marketTime, nowMs)}`;
  return [
    [
      `${venue.name}, ${venue.realMoney ? "real money" : "no money"}, ${venue.quotes} quotes`,
      `profit ${profit(pnl)} USDC`,
      `cash ${venue.cashMicros === null ? MISSING : usdc(venue.cashMicros)}`,
      `mode ${mode}`,
      `control ${applied === null ? "none" : applied.version}`,
    ],
    [
      `cycle ${count(cycle.number)}${market}`,
      `p50 ${milliseconds(cycle.p50Ms)}, p99 ${milliseconds(cycle.p99Ms)}`,
      `${count(cycle.missed)} missed`,
      `fuel p50 ${measured(sandbox.fuelP50, count)}, p99 ${measured(sandbox.fuelP99, count)} ticks`,
      `heap ${measured(sandbox.heapBytes, bytes)}`,
      plural(sandbox.faults, "fault"),
    ],
  ];
}

const STATE_STYLE: Partial<Record<SlotStatus["state"], Style>> = {
  stale: "yellow",
  paused: "yellow",
  "reduce-only": "yellow",
  flatten: "yellow",
  "no-code": "magenta",
  quarantined: "magenta",
  halted: "magenta",
};

const price = (value: number | null): string => (value === null ? MISSING : value.toFixed(2));
const SIDE = { up: "Up", down: "Down" } as const;

const WHO: readonly Column<SlotStatus>[] = [
  { title: "Slot", cell: ({ id }) => id },
  { title: "State", cell: ({ state }) => state, style: ({ state }) => STATE_STYLE[state] ?? null },
  { title: "Code", cell: ({ ordinal }) => (ordinal === null ? MISSING : `v${ordinal}`) },
];

const WHAT: readonly Column<SlotStatus>[] = [
  {
    title: "bp",
    right: true,
    cell: ({ market }) => (market === null ? MISSING : basisPoints(market.spot, market.open)),
  },
  { title: "Left", right: true, cell: ({ market }) => (market === null ? MISSING : clock(market.secondsLeft)) },
  {
    title: "Up",
    right: true,
    dispensable: 2,
    cell: ({ market }) => (market === null ? MISSING : `${price(market.up.bid)}/${price(market.up.ask)}`),
  },
  {
    title: "Down",
    right: true,
    dispensable: 3,
    cell: ({ market }) => (market === null ? MISSING : `${price(market.down.bid)}/${price(market.down.ask)}`),
  },
  {
    title: "Position",
    cell: ({ position }) =>
      position === null ? MISSING : `${SIDE[position.side]} ${usdc(position.sharesMicros)} v${position.ordinal}`,
  },
  {
    title: "Profit",
    right: true,
    cell: ({ pnlMicros }) => profit(pnlMicros),
    style: (_, cell) => (cell.startsWith("+") ? "blue" : cell.startsWith("−") ? "redBright" : "gray"),
  },
];

const SIGNAL = { title: "Signal", cell: signal, charsMin: 12 };

function slotTable(status: Status, width: number, paint: Paint): string[] {
  const { slots } = status;
  if (slots.length === 0) return ["No slot is configured."];
  const role = ({ armed, canary }: SlotStatus) => (armed !== null ? "armed" : canary ? "canary" : "");
  const numbers = numbersOf(status);
  const shadow = (slot: SlotStatus) =>
    slot.shadow === null ? "" : (numbers.get(slot.shadow) ?? slot.shadow.slice(slot.strategy.length + 1));
  // Only while there are any.
  const roles: Column<SlotStatus>[] = [
    { title: "Role", cell: role, dispensable: 1 },
    { title: "Shadow", cell: shadow, dispensable: 2 },
  ];
  const some = roles.filter(({ cell }) => slots.some((slot) => cell(slot) !== ""));
  return table([...WHO, ...some, ...WHAT], SIGNAL, slots, width, paint);
}

/** `v15` by `momentum@8b41d07e`, of the versions that the status numbers. */
const numbersOf = ({ slots, strategies }: Status): ReadonlyMap<string, string> =>
  new Map(
    [
      ...slots.map(({ running, ordinal }) => [running, ordinal] as const),
      ...strategies.map(({ candidate }) => [candidate?.version, candidate?.ordinal] as const),
    ].flatMap(([version, ordinal]) => (version == null || ordinal == null ? [] : [[version, `v${ordinal}`] as const])),
  );

function signal({ lastSignal }: SlotStatus): string {
  if (lastSignal === null) return MISSING;
  const { kind, probability, reason } = lastSignal;
  const said = kind === "up" || kind === "down" ? `${SIDE[kind]} ${price(probability)}` : kind;
  return `${said}, ${stripVTControlCharacters(reason)}`;
}

/** Alarms, latches, a refused control file, conditions that do not hold, the last reload. */
function attention(status: Status, nowMs: number): { readonly style: Style; readonly text: string }[] {
  const { alarms, latches, conditions, lastReload } = status;
  const styled = (style: Style, lines: readonly string[]) => lines.map((text) => ({ style, text }));
  const alarmLines = (severity: "critical" | "warning") =>
    alarms.open
      .filter((alarm) => alarm.severity === severity)
      .map(({ id, kind, scope, message, at, acknowledgedAt }) => {
        const seen = acknowledgedAt ? `, acknowledged ${time(acknowledgedAt, nowMs)}` : "";
        return `Alarm ${id} ${kind} (${scope}) ${time(at, nowMs)}${seen}: ${message}`;
      });
  const refused = refusal(status);
  const abnormal = conditions.filter(({ type, status: holds }) =>
    type === "Ready" ? holds !== "True" : holds === "True",
  );
  return [
    ...styled("magenta", alarmLines("critical")),
    ...styled("yellow", [
      ...alarmLines("warning"),
      ...latches.map(
        ({ id, mode, since, by, reason }) =>
          `Latch ${id} ${mode === "active" ? "stands" : `holds ${mode}`} since ${time(since, nowMs)}, by ${by}: ${reason}`,
      ),
      ...(refused === null ? [] : [refused]),
      ...abnormal.map(({ type, reason, message }) => `${type}: ${reason}, ${message}`),
    ]),
    ...styled("gray", lastReload === null ? [] : [reloadLine(lastReload, nowMs)]),
  ];
}

function reloadLine(
  { at, strategy, from, to, state, stage, reasons, timingsMs, boundaryUs, rehearsal }: ReloadStatus,
  nowMs: number,
): string {
  const versions = `${to ?? strategy}${from === null || from === to ? "" : ` for ${from}`}`;
  const { total } = timingsMs;
  const parts = [
    `Last reload ${time(at, nowMs)}: ${versions}`,
    ...(total === undefined ? [] : [`armed in ${milliseconds(total)}`]),
    ...(boundaryUs === null ? [] : [`boundary ${boundaryUs.toFixed(0)} µs`]),
    ...(rehearsal === null ? [] : [`changes ${plural(rehearsal.changedWindows, "window")}`]),
    stage === null ? state : `${state} at ${stage}: ${reasons[0] ?? ""}`,
  ];
  return parts.join(", ");
}
