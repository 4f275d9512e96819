// What makes a version impure, in words for its author: changes that decide() makes, itself or through functions it
// reaches by name, to what outlives it. Where it can't be told whether something is a change, nothing is said.
import type { AnyNode, BundleScope } from "./bundle-scope.ts";
import { type Change, changesIn } from "./changes.ts";
import { reachedByDeciding } from "./reached-by-deciding.ts";

export interface StateWrite {
  /** As the source map names it. */
  readonly source: string;
  /** 1-based, in the author's TypeScript, as the column. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

const SHOWN_LENGTH_MAX = 60;

export function stateWrites(scope: BundleScope): readonly StateWrite[] {
  const found = new Map<AnyNode, StateWrite>();
  for (const activation of reachedByDeciding(scope)) {
    for (const change of changesIn(scope, activation)) {
      const original = scope.originalOf(change.at);
      if (original === null) continue;
      const { source, line, column } = original;
      found.set(change.at, { source, line, column, message: messageOf(scope, change) });
    }
  }
  return [...found.values()].sort((a, b) => order(a.source, b.source) || a.line - b.line || a.column - b.column);
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function messageOf(scope: BundleScope, { lasting, how }: Change): string {
  const lives = `\`${shown(scope, lasting)}\` lives outside decide()`;
  switch (how) {
    case "assigned":
      return `${lives} and is changed by it: each decision starts without the change; declare it as memory`;
    case "contents":
      return `${lives} and what it holds is changed by it: each decision starts without the change; declare it as memory, or change a copy`;
    case "match":
      return `${lives} and goes on from its last match: each decision starts without that match; take its flag g or y away`;
    case "step":
      return `${lives} and is moved on by next(): each decision starts without that step; declare what it counts as memory`;
  }
}

/** The chain as its author wrote it: what a bundle has to rename has its own name back. */
function shown(scope: BundleScope, chain: AnyNode): string {
  let base = chain;
  while (base.type === "MemberExpression") base = base.object;
  const name = scope.originalOf(base)?.name ?? scope.text.slice(base.start, base.end);
  const text = (name + scope.text.slice(base.end, chain.end)).replace(/\s+/g, " ");
  return text.length > SHOWN_LENGTH_MAX ? `${text.slice(0, SHOWN_LENGTH_MAX)}…` : text;
}
