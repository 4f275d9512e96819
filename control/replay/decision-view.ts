// One recorded decision for people and for JSON: which code and params, every number that it saw by its name, and what it said.
import { ASSETS, WINDOW_INTERVALS } from "../../dsl/asset.ts";
import type { VersionFacts } from "../../engine/decide/version.ts";
import { type FrameField, HEADER } from "../../engine/frame/layout.ts";
import type { Params } from "../../engine/frame/manifest.ts";
import { decisionId } from "../../engine/journal/decision-id.ts";
import type { RecordedDecision } from "../../engine/journal/port.ts";
import { count, MISSING } from "../number-format.ts";
import { clip, type Paint } from "../text-table.ts";

/** Null where there was no number. */
type Numbers = readonly (number | null)[];
type InputView = { readonly [output: string]: Numbers | { readonly value: number | null; readonly closed: Numbers } };

export interface DecisionView {
  readonly decision: string;
  readonly at: string;
  readonly version: string;
  readonly code: string;
  readonly ordinal: number;
  readonly paramsHash: string;
  /** Resolved; null where it is not kept what the version ran on. Then inputs have no names either. */
  readonly params: Params | null;
  readonly frame: { readonly [name: string]: number | string | null };
  readonly inputs: { readonly [name: string]: InputView } | null;
  readonly signal: unknown;
  readonly fault: unknown;
  readonly fuel: number;
  readonly memory: string;
  readonly migratedFrom: string | null;
  /** Null after a fault. */
  readonly memoryAfter: string | null;
}

const CANDLE_SERIES = ["open", "high", "low", "close", "volume"] as const;
const SHOWN_MAX = 4;

export function decisionView(
  cycle: number,
  atMs: number,
  { request, result }: RecordedDecision,
  facts: VersionFacts | null,
): DecisionView {
  const { slot, version, frame, memory, migrateFrom } = request;
  return {
    decision: decisionId(slot, cycle),
    at: new Date(atMs).toISOString(),
    version: `${version.strategy}@${version.code.slice(0, 8)}`,
    code: version.code,
    ordinal: version.ordinal,
    paramsHash: version.params,
    params: facts?.params ?? null,
    frame: headerOf(frame),
    inputs: facts && Object.fromEntries(facts.layout.fields.map((field) => [field.name, inputOf(field, frame)])),
    signal: result.type === "Decided" ? result.signal : null,
    fault: result.type === "Faulted" ? result.fault : null,
    fuel: result.fuel,
    memory,
    migratedFrom: migrateFrom ?? null,
    memoryAfter: result.type === "Decided" ? result.memory : null,
  };
}

function headerOf(frame: Float64Array): DecisionView["frame"] {
  const named = HEADER.map((name, at): [string, number | string | null] => [name, orNull(frame[at]!)]);
  const { assetIndex, intervalIndex, positionSide, ...rest } = Object.fromEntries(named);
  return {
    asset: ASSETS[Number(assetIndex)] ?? null,
    interval: WINDOW_INTERVALS[Number(intervalIndex)] ?? null,
    ...rest,
    positionSide: [null, "up", "down"][Number(positionSide)] ?? null,
  };
}

function inputOf(field: FrameField, frame: Float64Array): InputView {
  const numbers = (from: number, length: number): Numbers => Array.from(frame.subarray(from, from + length), orNull);
  const { offset } = field;
  if (field.type === "candles") {
    const { depth } = field;
    return Object.fromEntries(CANDLE_SERIES.map((name, n) => [name, numbers(offset + n * depth, depth)]));
  }
  const { history } = field;
  return Object.fromEntries(
    field.outputs.map((output, n) => {
      const at = offset + n * (2 + history);
      return [output, { value: orNull(frame[at]!), closed: numbers(at + 1, 1 + history) }];
    }),
  );
}

const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value);

/** Lines. */
export function renderDecision(view: DecisionView, width: number, paint: Paint): string[] {
  const { decision, at, version, ordinal, params, frame, inputs } = view;
  const given = Object.entries(params ?? {}).map(([name, value]) => `${name} ${value}`);
  const rows: [string, string][] = [
    ...Object.entries(frame).map(([name, value]): [string, string] => [name, shown(value)]),
    ...Object.entries(inputs ?? {}).flatMap(([name, input]) => inputRows(name, input)),
  ];
  const nameChars = Math.max(...rows.map(([name]) => name.length));
  const [kind, words] = outcome(view);
  const migrated = view.migratedFrom === null ? "" : ` of ${view.migratedFrom.slice(0, 8)}, migrated`;
  return [
    paint("bold", `${decision}  ${at.slice(0, 10)} ${at.slice(11, 23)} UTC`),
    `${version} (v${ordinal})${given.length === 0 ? "" : `, ${given.join(", ")}`}`,
    ...rows.map(([name, value]) => `  ${name.padEnd(nameChars)}  ${clip(value, width - nameChars - 4)}`),
    ...(inputs === null ? [paint("gray", "  what its inputs are called is not kept")] : []),
    `${paint("bold", kind)}  ${words}`,
    `fuel ${count(view.fuel)} · memory ${view.memory}${migrated}${view.memoryAfter === null ? "" : ` → ${view.memoryAfter}`}`,
  ];
}

function inputRows(name: string, input: InputView): [string, string][] {
  return Object.entries(input).map(([output, numbers]) => {
    const label = output === "value" ? name : `${name}.${output}`;
    if (!("closed" in numbers)) return [label, `${some([...numbers].reverse())}`];
    return [label, `${shown(numbers.value)} · before ${some(numbers.closed)}`];
  });
}

/** The newest ones. */
const some = (numbers: Numbers): string =>
  `${numbers.slice(0, SHOWN_MAX).map(shown).join(", ")}${numbers.length > SHOWN_MAX ? `, … (${numbers.length})` : ""}`;

const shown = (value: number | string | null): string => (value === null ? MISSING : String(value));

function outcome({ signal, fault }: DecisionView): [kind: string, words: string] {
  if (signal === null) {
    const { kind, message, where } = fault as { kind: string; message: string; where: string | null };
    return [kind, `${message}${where === null ? "" : ` at ${where}`}`];
  }
  const { kind, probability, limit, reason } = signal as Record<string, string | number | null | undefined>;
  const numbers = probability === undefined ? "" : `${probability}${limit === null ? "" : ` ≤ ${limit}`}  `;
  return [String(kind), `${numbers}${reason}`];
}
