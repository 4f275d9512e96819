// The bench's rows for people: a line for each engine, ratios after the absolute figures, the budget where there is one.
import { aligned } from "../support/aligned.ts";
import type { Figure, Row } from "./row.ts";

const NOTE = `A figure without a quantile is the best of many short rounds; median and p90 beside it say how busy the machine was.
Ratios were taken in one process, in rounds that interleave what they compare.`;

export function table(rows: readonly Row[]): string {
  const head = ["row", "engine", "", "beside", "ratios", "budget"];
  const lines = rows.flatMap((row) =>
    row.figures.map((figure, index) => [
      index === 0 ? row.name : "",
      figure.engine,
      `${shown(figure.value)} ${row.unit}`.trim(),
      listed(figure.beside, (label, value) => `${label} ${shown(value)}`),
      listed(figure.ratios, (yardstick, value) => `${shown(value)}× ${yardstick}`),
      budgetOf(row, figure),
    ]),
  );
  return `${aligned([head, ...lines])}\n\n${NOTE}`;
}

function budgetOf({ budget, unit }: Row, { value }: Figure): string {
  if (budget === null) return "";
  return `${value > budget ? "over " : "≤ "}${budget} ${unit}`.trim();
}

const listed = (values: { readonly [name: string]: number }, show: (name: string, value: number) => string): string =>
  Object.entries(values)
    .map(([name, value]) => show(name, value))
    .join(", ");

/** Three significant digits. */
const shown = (value: number): string => (value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3))));
