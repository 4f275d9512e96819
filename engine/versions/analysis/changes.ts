// Changes to what was there before a function was called and stays when it returns: variables declared outside of it,
// globals, and all that is reached from either by members.
import type { CallExpression } from "acorn";
import { isIterator, isMutator, isRegExpWithPlace } from "./built-ins.ts";
import {
  type AnyNode,
  type BundleScope,
  blockOf,
  definitionOf,
  isFunction,
  isInside,
  nameOf,
  type Variable,
} from "./bundle-scope.ts";
import { staticValue, takenMember, type Value } from "./static-value.ts";

/** A piece of code, and what `this` is in it: null when that is made anew for every call, or unknown. */
export interface Activation {
  readonly node: AnyNode;
  readonly self: Value | null;
}

export interface Change {
  readonly at: AnyNode;
  /** What is changed, by a name that lasts: `CACHE`, `STATE.history`, `this.count`. */
  readonly lasting: AnyNode;
  /** By assigning to it, by changing what it holds, or by moving the place it goes on from. */
  readonly how: "assigned" | "contents" | "match" | "step";
}

const ALIAS_STEPS_MAX = 16;
/** Natives that change their first argument. */
const CHANGES_ARGUMENT: Readonly<Record<string, readonly string[]>> = {
  Object: ["assign", "defineProperty", "defineProperties", "setPrototypeOf", "freeze", "seal", "preventExtensions"],
  Reflect: ["set", "defineProperty", "deleteProperty", "setPrototypeOf", "preventExtensions"],
};

export function changesIn(scope: BundleScope, activation: Activation): readonly Change[] {
  const changes: Change[] = [];
  for (const at of scope.nodesIn(activation.node)) {
    const changed = changedAt(scope, activation, at);
    const lasting = changed === null ? null : lastingOf(scope, activation, changed.node);
    if (lasting !== null) changes.push({ at, lasting, how: changed!.how });
  }
  return changes;
}

interface Changed {
  readonly node: AnyNode;
  readonly how: Change["how"];
}

function changedAt(scope: BundleScope, { self }: Activation, node: AnyNode): Changed | null {
  if (node.type === "CallExpression") return changedByCall(scope, node, self);
  const isWritten = node.type === "MemberExpression" ? scope.isTarget(node) : isAssigned(scope, node);
  return isWritten ? { node, how: "assigned" } : null;
}

function isAssigned(scope: BundleScope, node: AnyNode): boolean {
  const reference = scope.referenceOf(node);
  return reference?.isWrite() === true && !reference.init;
}

function changedByCall(scope: BundleScope, call: CallExpression, self: Value | null): Changed | null {
  const { callee } = call;
  if (callee.type !== "MemberExpression") return null;
  const method = nameOf(callee.property, callee.computed);
  if (method === null) return null;
  const { object } = callee;
  if (object.type === "Identifier" && scope.isGlobal(object)) {
    const [first] = call.arguments;
    const changes = first !== undefined && CHANGES_ARGUMENT[object.name]?.includes(method);
    return changes ? { node: first, how: "contents" } : null;
  }
  const value = staticValue(scope, object, self);
  if (isMutator(scope, method, value)) return { node: object, how: "contents" };
  if (isRegExpWithPlace(scope, method, value)) return { node: object, how: "match" };
  return method === "next" && isIterator(value) ? { node: object, how: "step" } : null;
}

/** Of a chain of members, the part of it that has a name which lasts; null when it belongs to the call. */
function lastingOf(scope: BundleScope, activation: Activation, chain: AnyNode): AnyNode | null {
  let lasting = chain;
  for (let step = 0; step < ALIAS_STEPS_MAX; step++) {
    let base = lasting;
    while (base.type === "MemberExpression" || base.type === "ChainExpression") {
      base = base.type === "MemberExpression" ? base.object : base.expression;
    }
    if (base.type === "ThisExpression")
      return activation.self !== null && isOwnThis(scope, activation, base) ? lasting : null;
    if (scope.referenceOf(base) === null) return null;
    const variable = scope.variableOf(base);
    if (variable === null || outlives(variable, activation)) return lasting;
    const alias = aliasOf(variable);
    if (alias === null) return null;
    lasting = alias;
  }
  return null;
}

/** Whether a variable is declared outside, or is the name that the code gives itself. */
export function outlives({ scope }: Variable, { node }: Activation): boolean {
  const block = blockOf(scope);
  return !isInside(block, node) || (block === node && scope.type === "function-expression-name");
}

/** Whether a `this` inside of the code is the code's own. */
export function isOwnThis(scope: BundleScope, { node }: Activation, at: AnyNode): boolean {
  for (let outer = at; outer !== node; outer = scope.parentOf(outer)!) {
    const isNew = outer.type === "PropertyDefinition" || outer.type === "StaticBlock";
    if (isNew || (isFunction(outer) && outer.type !== "ArrowFunctionExpression")) return false;
  }
  return true;
}

/** What a variable is another name for: `const c = CACHE`, `const { seen } = STATE`. */
function aliasOf(variable: Variable): AnyNode | null {
  const definition = definitionOf(variable);
  if (definition?.node.type !== "VariableDeclarator") return null;
  if (variable.references.filter((reference) => reference.isWrite()).length !== 1) return null;
  const { id, init } = definition.node;
  return id === definition.name || takenMember(id, definition.name) !== null ? (init ?? null) : null;
}
