// Reads of the frame that mean the same when written as an index: the reader gives decide() objects that are frozen
// through and through, and nobody but the reader calls this decide(). What cannot be shown to be one is left as it is.
import type { AnyNode, Pattern } from "acorn";
import type { FrameRead } from "../../sandbox/bundle-places.ts";
import {
  type BundleScope,
  definitionOf,
  type FunctionNode,
  identifierOf,
  nameOf,
  type Variable,
} from "./bundle-scope.ts";
import { entryDecide } from "./entry-decide.ts";

type Path = FrameRead["path"];

/** A name that stands for one of the reader's objects, or for one inside of it. */
interface Binding {
  readonly name: AnyNode;
  readonly from: FrameRead["from"];
  readonly path: Path;
  /** Member to go through before the path begins: `context.window`. */
  readonly through: string | null;
}

export function frameReads(scope: BundleScope): readonly FrameRead[] {
  const decide = entryDecide(scope);
  if (decide === null) return [];
  const { params, body } = decide;
  const reads: FrameRead[] = [];
  for (const binding of [...readingsBindings(params[0]), ...windowBindings(params[1])]) {
    for (const reference of parameterOf(scope, decide, binding.name)?.references ?? []) {
      const identifier = identifierOf(reference);
      // A parameter's default can run before all parameters have their values.
      const read = identifier.start < body.start ? null : readFrom(scope, identifier, binding);
      if (read !== null) reads.push(read);
    }
  }
  return reads.sort((a, b) => a.start - b.start);
}

function readingsBindings(parameter: Pattern | undefined): readonly Binding[] {
  const binding = { from: "readings", through: null } as const;
  if (parameter?.type === "Identifier") return [{ ...binding, name: parameter, path: [] }];
  return namesIn(parameter).map(([key, name]) => ({ ...binding, name, path: [key] }));
}

function windowBindings(parameter: Pattern | undefined): readonly Binding[] {
  const binding = { from: "window", path: [] } as const;
  if (parameter?.type === "Identifier") return [{ ...binding, name: parameter, through: "window" }];
  return namesIn(parameter).flatMap(([key, name]) => (key === "window" ? [{ ...binding, name, through: null }] : []));
}

/** `{ rsi, spike: z }` → rsi, z; what has a default or is taken apart further is none of them. */
function namesIn(pattern: Pattern | undefined): readonly (readonly [key: string, name: AnyNode])[] {
  if (pattern?.type !== "ObjectPattern") return [];
  return pattern.properties.flatMap((property) => {
    if (property.type !== "Property") return [];
    const key = nameOf(property.key, property.computed);
    return key === null ? [] : [[key, property.value] as const];
  });
}

/** Null when the name may ever mean something else than what decide() was called with. */
function parameterOf(scope: BundleScope, decide: FunctionNode, name: AnyNode): Variable | null {
  const variable = scope.declaredBy(decide).find(({ identifiers }) => identifiers.some((one) => one === name));
  if (variable === undefined || definitionOf(variable)?.type !== "Parameter") return null;
  return variable.references.some((reference) => reference.isWrite()) ? null : variable;
}

interface Step {
  readonly node: AnyNode;
  readonly to: string | number;
}

/** The longest read that begins with this name. */
function readFrom(scope: BundleScope, identifier: AnyNode, { from, path, through }: Binding): FrameRead | null {
  let node = identifier;
  if (through !== null) {
    const step = memberOf(scope, node);
    if (step?.to !== through) return null;
    node = step.node;
  }
  let names = path;
  let longest: FrameRead | null = null;
  for (;;) {
    const step: Step | null = memberOf(scope, node) ?? (names.at(-1) === "at" ? callOf(scope, node) : null);
    if (step === null) return longest;
    node = step.node;
    names = [...names, step.to];
    if (isWhole(from, names) && isPlainUse(scope, node))
      longest = { start: node.start, end: node.end, from, path: names };
  }
}

function memberOf(scope: BundleScope, object: AnyNode): Step | null {
  const node = scope.parentOf(object);
  if (node?.type !== "MemberExpression" || node.object !== object) return null;
  const to = node.property.type === "PrivateIdentifier" ? null : nameOf(node.property, node.computed);
  return to === null ? null : { node, to };
}

/** `.at(2)`: a call with one literal index. */
function callOf(scope: BundleScope, callee: AnyNode): Step | null {
  const node = scope.parentOf(callee);
  if (node?.type !== "CallExpression" || node.callee !== callee) return null;
  const [index, ...others] = node.arguments;
  if (index?.type !== "Literal" || typeof index.value !== "number" || others.length > 0) return null;
  return Number.isSafeInteger(index.value) ? { node, to: index.value } : null;
}

/** Whether the names end at a number: `rsi.value`, `macd.signal.at(2)`; of the window, any one or two names may. */
function isWhole(from: FrameRead["from"], path: Path): boolean {
  const names = path.filter((name) => typeof name === "string");
  if (from === "window") return names.length === path.length && names.length <= 2;
  const [last, back] = [names.at(-1), path.length - names.length];
  return (
    (names.length === 2 || names.length === 3) &&
    (back === 0 ? last === "value" || last === "ready" : path.at(-2) === "at" && back === 1)
  );
}

/** Whether only the value counts, not where it was read: it is not written, called, deleted, or skipped over by `?.`. */
function isPlainUse(scope: BundleScope, node: AnyNode): boolean {
  const parent = scope.parentOf(node);
  if (scope.isTarget(node) || parent === null) return false;
  if (parent.type === "UnaryExpression" && parent.operator === "typeof") return false;
  if (parent.type === "TaggedTemplateExpression" && parent.tag === node) return false;
  if ((parent.type === "CallExpression" || parent.type === "NewExpression") && parent.callee === node) return false;
  return !isInOptionalChain(scope, node);
}

function isInOptionalChain(scope: BundleScope, node: AnyNode): boolean {
  const parent = scope.parentOf(node);
  if (parent?.type === "MemberExpression" && parent.object === node) return isInOptionalChain(scope, parent);
  if (parent?.type === "CallExpression" && parent.callee === node) return isInOptionalChain(scope, parent);
  return parent?.type === "ChainExpression";
}
