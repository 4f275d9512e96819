// What the language's own objects keep: which methods change a container, which expressions remember where they stopped.
// What is not known to be one of them is the author's, and its methods may be called anything.
import type { AnyNode } from "acorn";
import { type BundleScope, nameOf } from "./bundle-scope.ts";
import type { Value } from "./static-value.ts";

/** Methods that only lists have, whoever made them. */
const LIST_MUTATORS = ["push", "pop", "shift", "unshift", "splice"];
const MUTATORS = [...LIST_MUTATORS, "sort", "reverse", "fill", "copyWithin", "set", "add", "delete", "clear"];
const CONTAINERS = /^(Array|(Weak)?(Map|Set)|(Int|Uint|Float)(8|16|32|64)(Clamped)?Array)$/;
/** Functions of globals, and methods of whatever else, that give a new list. */
const GLOBAL_LISTS = ["Array.from", "Array.of", "Object.keys", "Object.values", "Object.entries"];
const LIST_METHODS = ["map", "filter", "slice", "concat", "flat", "flatMap", "fill", "sort", "toSorted", "split"];
const ITERATOR_METHODS = ["values", "keys", "entries", "matchAll"];

/** Whether a method of that name changes what the value holds. */
export function isMutator(scope: BundleScope, method: string, value: Value | null): boolean {
  if (value !== null && value.type !== "Made") return false;
  const isContainer = value !== null && makesContainer(scope, value.node);
  return (isContainer ? MUTATORS : LIST_MUTATORS).includes(method);
}

function makesContainer(scope: BundleScope, node: AnyNode): boolean {
  if (node.type === "ArrayExpression") return true;
  if (node.type !== "NewExpression" && node.type !== "CallExpression") return false;
  const { callee } = node;
  if (callee.type === "Identifier") return scope.isGlobal(callee) && CONTAINERS.test(callee.name);
  if (callee.type !== "MemberExpression") return false;
  const method = nameOf(callee.property, callee.computed) ?? "";
  const { object } = callee;
  if (object.type === "Identifier" && scope.isGlobal(object)) return GLOBAL_LISTS.includes(`${object.name}.${method}`);
  return LIST_METHODS.includes(method);
}

/** Whether a method of that name goes on from where the last match of the value ended. */
export function isRegExpWithPlace(scope: BundleScope, method: string, value: Value | null): boolean {
  if (value?.type !== "Made" || (method !== "exec" && method !== "test")) return false;
  const { node } = value;
  if (node.type === "Literal") return /[gy]/.test(node.regex?.flags ?? "");
  if (node.type !== "NewExpression" || node.callee.type !== "Identifier" || !scope.isGlobal(node.callee)) return false;
  const [, flags] = node.arguments;
  return node.callee.name === "RegExp" && flags?.type === "Literal" && /[gy]/.test(String(flags.value));
}

export function isIterator(value: Value | null): boolean {
  if (value?.type !== "Made" || value.node.type !== "CallExpression") return value?.type === "Generator";
  const { callee } = value.node;
  return (
    callee.type === "MemberExpression" && ITERATOR_METHODS.includes(nameOf(callee.property, callee.computed) ?? "")
  );
}
