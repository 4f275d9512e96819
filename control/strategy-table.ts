// What each strategy's decisions cost and how often they failed, on a terminal: a line a strategy, and below them the last
// fault of each that had one.
import { bytes, count, measured, percent, plural } from "./number-format.ts";
import type { Status, StrategyFigures } from "./status.ts";
import { type Column, clip, type Paint, table, wrap } from "./text-table.ts";

const NAME_CHARS_MAX = 24;

export function strategyTable({ strategies, fuelMax }: Status["sandbox"], width: number, paint: Paint): string[] {
  if (strategies.length === 0) return [];
  const share = (fuel: number) => percent(fuel / fuelMax);
  const columns: Column<StrategyFigures>[] = [
    { title: "Strategy", cell: ({ name }) => clip(name, NAME_CHARS_MAX) },
    { title: "Decisions", right: true, cell: ({ decisions }) => count(decisions) },
    {
      title: "Faults",
      right: true,
      cell: ({ faults }) => count(faults),
      style: ({ faults }) => (faults > 0 ? "yellow" : null),
    },
    { title: "Fuel p50", right: true, cell: ({ fuelP50 }) => measured(fuelP50, count) },
    { title: "of budget", right: true, dispensable: 2, cell: ({ fuelP50 }) => measured(fuelP50, share) },
    { title: "p99", right: true, cell: ({ fuelP99 }) => measured(fuelP99, count) },
    { title: "of budget", right: true, dispensable: 1, cell: ({ fuelP99 }) => measured(fuelP99, share) },
    { title: "Heap", right: true, cell: ({ heapBytes }) => measured(heapBytes, bytes) },
  ];
  const faults = strategies.flatMap(({ name, faults, lastFault }) =>
    lastFault === null ? [] : wrap(`${name}: ${plural(faults, "fault")}, ${said(lastFault)}`, width),
  );
  return [...table(columns, null, strategies, width, paint), ...faults.map((line) => paint("yellow", line))];
}

function said({ kind, message, where, slot, ordinal, cycle }: NonNullable<StrategyFigures["lastFault"]>): string {
  const what = kind === "threw" ? `threw ${message}` : message;
  const place = where === null ? "" : ` at ${where}`;
  return `last in cycle ${count(cycle)} (${slot} v${ordinal}): ${what}${place}`;
}
