// An audit as people read it: what it found in one sentence, the record by version, where code changed hands, then the rules.
import { shortVersion } from "../../engine/base/ids.ts";
import { count, MISSING, percent, plural, profit, usdc } from "../number-format.ts";
import type { Figures, Report, Seam, VersionFigures } from "../report/report.ts";
import { type Column, flow, type Paint, table, wrap } from "../text-table.ts";
import type { Audit } from "./audit.ts";
import type { Invariant } from "./invariant.ts";

/** Fewer trades say nothing. */
const TRADES_MIN = 20;
const SEAMS_SHOWN = 10;
const FILES_SHOWN = 10;
const HASH_CHARS = 12;

interface Look {
  readonly width: number;
  readonly paint: Paint;
}

export function renderAudit(audit: Audit, { width, paint }: Look): string {
  const { report, invariants, ok } = audit;
  const broken = invariants.filter(({ violations }) => violations > 0);
  const blocks = [
    wrap(sentence(audit), width).map((line) => paint(ok ? "bold" : "redBright", line)),
    report.notes.flatMap((note) => wrap(`${note}.`, width)),
    recordTable(report, { width, paint }),
    seamLines(report.seams).flatMap((line) => wrap(line, width)),
    ...broken.map((each) => brokenLines(each, paint)),
    ruleLines(invariants, width),
    evidenceLines(audit),
  ];
  return blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join("\n"))
    .join("\n\n");
}

function sentence({ trades, tracedTrades, invariants, chain, store }: Audit): string {
  const held = invariants.filter(({ checked }) => checked > 0);
  const broken = held.filter(({ violations }) => violations > 0).length;
  const checks = held.reduce((sum, { checked }) => sum + checked, 0);
  const traced =
    tracedTrades === trades
      ? trades === 0
        ? ""
        : `, ${trades === 1 ? "" : "every one "}traced to its code`
      : `, ${count(trades - tracedTrades)} of them not traced to their code`;
  const rules =
    broken === 0
      ? `${plural(held.length, "invariant")} ${held.length === 1 ? "holds" : "hold"} over ${plural(checks, "check")}`
      : `${broken} of ${plural(held.length, "invariant")} ${broken === 1 ? "is" : "are"} BROKEN`;
  const journal =
    chain.firstBad !== null
      ? `the journal is BROKEN at row ${count(chain.firstBad.seq)}`
      : chain.head === null
        ? "no journal"
        : `journal whole, ${plural(chain.rows, "row")}`;
  const files = store.bad.length === 0 ? "" : `; ${plural(store.bad.length, "file")} of the version store DAMAGED`;
  return `${plural(trades, "trade")}${traced}; ${rules}; ${journal}${files}.`;
}

type Row = Omit<VersionFigures, "code" | "params" | "ordinal" | "strategy"> & {
  readonly name: string;
  readonly no: string;
};

function recordTable({ versions, total, decisions }: Report, { width, paint }: Look): string[] {
  if (versions.length === 0) return [];
  const rows: Row[] = versions.map((version) => ({
    ...version,
    name: `${shortVersion(version.strategy, version.code)}/${version.params.slice(0, 4)}`,
    no: `v${version.ordinal}`,
  }));
  const all = { ...total, name: "all", no: "", decisions, firstMs: null, lastMs: null };
  return table(COLUMNS, null, rows.length > 1 ? [...rows, all] : rows, width, paint);
}

const instant = (ms: number | null): string =>
  ms === null ? MISSING : new Date(ms).toISOString().replace("T", " ").slice(0, 16);

const COLUMNS: readonly Column<Row>[] = [
  { title: "Version", cell: ({ name }) => name },
  { title: "No", cell: ({ no }) => no },
  { title: "First trade", cell: ({ firstMs }) => instant(firstMs), dispensable: 2 },
  { title: "Decisions", right: true, cell: ({ decisions }) => count(decisions), dispensable: 1 },
  { title: "Trades", right: true, cell: ({ trades }) => count(trades) },
  { title: "Won", right: true, cell: won },
  { title: "Needs", right: true, cell: ({ needs }) => (needs === null ? MISSING : percent(needs)) },
  {
    title: "Profit",
    right: true,
    cell: ({ pnlMicros, trades }) => profit(trades === 0 && pnlMicros === 0 ? null : pnlMicros),
    style: (_, cell) => (cell.startsWith("+") ? "blue" : cell.startsWith("−") ? "redBright" : "gray"),
  },
  { title: "Fees", right: true, cell: ({ feesMicros }) => usdc(feesMicros), dispensable: 3 },
  { title: "Brier", right: true, cell: ({ brier }) => (brier === null ? MISSING : brier.toFixed(3)), dispensable: 1 },
];

/** `62 % (55–69)`, `12 of 19: too few` */
function won({ winRate, wins, trades }: Pick<Figures, "winRate" | "wins" | "trades">): string {
  if (winRate === null) return MISSING;
  if (trades < TRADES_MIN) return `${wins} of ${trades}: too few`;
  const [low, high] = [winRate.low, winRate.high].map((share) => (100 * share).toFixed(0));
  return `${percent(winRate.rate)} (${low}–${high})`;
}

function seamLines(seams: readonly Seam[]): string[] {
  const shown = seams
    .slice(-SEAMS_SHOWN)
    .map(({ atMs, cycle, strategy, code, ordinal, slots, receipt, approvedBy }) =>
      [
        `${instant(atMs)} ${shortVersion(strategy, code)} (v${ordinal}) took over ${plural(slots.length, "slot")} in cycle ${count(cycle)}`,
        ...(receipt === null ? ["no receipt"] : [receipt]),
        ...(approvedBy === null ? [] : [`approved by ${approvedBy}`]),
      ].join(" · "),
    );
  const older = seams.length - shown.length;
  return older === 0 ? shown : [`${plural(older, "older change")} of code, then:`, ...shown];
}

const brokenLines = ({ id, name, checked, violations, examples }: Invariant, paint: Paint): string[] => [
  paint("redBright", `BROKEN ${id}: ${count(violations)} of ${count(checked)}`),
  `  rule: ${name}`,
  ...examples.map((example) => `  ${example}`),
  ...(violations > examples.length ? [`  and ${count(violations - examples.length)} more`] : []),
];

function ruleLines(invariants: readonly Invariant[], width: number): string[] {
  const held = invariants.filter(({ checked, violations }) => checked > 0 && violations === 0);
  const unchecked = invariants.filter(({ checked, violations }) => checked === 0 && violations === 0);
  const byNote = new Map<string, string[]>();
  for (const { id, note } of unchecked) byNote.set(note ?? "", [...(byNote.get(note ?? "") ?? []), id]);
  return [
    ...(held.length === 0
      ? []
      : listed(
          "Hold",
          held.map(({ id, checked }) => `${id} ${count(checked)}`),
          width,
        )),
    ...[...byNote].flatMap(([note, ids]) => listed(`Not checked, ${note}`, ids, width)),
  ];
}

const listed = (title: string, [first = "", ...others]: readonly string[], width: number): string[] =>
  flow([`${title}: ${first}`, ...others], " · ", width);

function evidenceLines({ chain, store }: Audit): string[] {
  const { head, firstBad, rows } = chain;
  const bad =
    firstBad === null
      ? null
      : `row ${count(firstBad.seq)}${firstBad.cycle === null ? "" : ` of cycle ${count(firstBad.cycle)}`}${firstBad.atMs === null ? "" : `, ${instant(firstBad.atMs)}`}: ${firstBad.what}`;
  return [
    bad !== null
      ? `Journal: BROKEN at ${bad}`
      : head === null
        ? "Journal: none, so what only it knows is not checked."
        : `Journal: ${plural(rows, "row")}, whole; the last is ${count(head.seq)} of cycle ${count(head.cycle)}, ${head.hash.slice(0, HASH_CHARS)}…`,
    store.bad.length === 0
      ? `Version store: ${plural(store.files, "file")}, whole.`
      : `Version store: ${store.bad.length} of ${plural(store.files, "file")} DAMAGED`,
    ...store.bad.slice(0, FILES_SHOWN).map(({ file, what }) => `  ${file}: ${what}`),
  ];
}
