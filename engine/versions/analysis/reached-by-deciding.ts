// The functions that run while a decision is made: decide(), and by name whatever it uses of what the modules made when
// they were loaded, closures and methods of objects included.
import { type AnyNode, type BundleScope, nameOf } from "./bundle-scope.ts";
import { type Activation, isOwnThis, outlives } from "./changes.ts";
import { staticValue, type Value } from "./static-value.ts";

export function reachedByDeciding(scope: BundleScope): readonly Activation[] {
  const reached: Activation[] = [];
  const seen = new Set<string>();
  const add = (node: AnyNode, self: Value | null): void => {
    const key = `${node.start}:${self?.type}:${self?.node.start}`;
    if (!seen.has(key)) reached.push({ node, self });
    seen.add(key);
  };
  const reach = (value: Value | null): void => {
    if (value?.type === "Function") add(value.node, value.self);
    if (value?.type !== "Class") return;
    // What a class does for itself it did when it was loaded; from now on objects are made of it.
    const { body, superClass } = value.node;
    for (const element of body.body) if (element.type !== "StaticBlock" && !element.static) add(element, null);
    if (superClass) reach(staticValue(scope, superClass, null));
  };

  for (const node of scope.nodes) for (const value of decidesIn(scope, node)) reach(value);
  // Grows while it is gone through.
  for (const activation of reached) {
    for (const node of scope.nodesIn(activation.node)) {
      if (comesFromOutside(scope, activation, node)) reach(used(scope, node, activation.self));
    }
  }
  return reached;
}

/** `decide` of an object literal; of a call, what it gives and what it is given: `decide: logged((readings) => …)`. */
function decidesIn(scope: BundleScope, node: AnyNode): readonly (Value | null)[] {
  if (node.type !== "Property" || nameOf(node.key, node.computed) !== "decide") return [];
  if (scope.parentOf(node)?.type !== "ObjectExpression") return [];
  const given = node.value.type === "CallExpression" ? node.value.arguments : [];
  return [node.value, ...given].map((one) => staticValue(scope, one, null));
}

function comesFromOutside(scope: BundleScope, activation: Activation, node: AnyNode): boolean {
  if (node.type === "ThisExpression") return isOwnThis(scope, activation, node);
  const variable = scope.variableOf(node);
  return variable !== null && outlives(variable, activation);
}

/** The furthest that can be followed along the members read from here: of `LIB.next.call`, the function `next`. */
function used(scope: BundleScope, start: AnyNode, self: Value | null): Value | null {
  let value: Value | null = null;
  let node: AnyNode | null = start;
  while (node !== null) {
    const further = staticValue(scope, node, self);
    if (further === null) break;
    value = further;
    const parent: AnyNode | null = scope.parentOf(node);
    node = parent?.type === "MemberExpression" && parent.object === node ? parent : null;
  }
  return value;
}
