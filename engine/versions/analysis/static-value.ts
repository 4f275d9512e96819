// What an expression at the top of a module stands for, as far as it can be read off: which function, class or object of
// the author's. Where it can't be, the answer is the expression itself, or nothing.
import type { Class, ObjectExpression, Pattern, Property } from "acorn";
import { type AnyNode, type BundleScope, definitionOf, type FunctionNode, isFunction, nameOf } from "./bundle-scope.ts";

export type Value =
  | { readonly type: "Function"; readonly node: FunctionNode; readonly self: Value | null }
  | { readonly type: "Class"; readonly node: Class }
  | { readonly type: "Instance"; readonly node: Class }
  | { readonly type: "Object"; readonly node: ObjectExpression }
  /** What a call of a generator function gives. */
  | { readonly type: "Generator"; readonly node: FunctionNode }
  /** Anything else, by the expression that makes it: `new Map()`, `[]`, a call of what is not known. */
  | { readonly type: "Made"; readonly node: AnyNode };

const STEPS_MAX = 32;
const SAME_OBJECT = ["freeze", "seal", "preventExtensions"];

/** `self` is what `this` stands for. */
export function staticValue(
  scope: BundleScope,
  node: AnyNode,
  self: Value | null,
  steps = { left: STEPS_MAX },
): Value | null {
  if (steps.left-- === 0) return null;
  const next = (inner: AnyNode, innerSelf = self) => staticValue(scope, inner, innerSelf, steps);
  if (isFunction(node)) return { type: "Function", node, self };
  switch (node.type) {
    case "ClassDeclaration":
    case "ClassExpression":
      return { type: "Class", node };
    case "ObjectExpression":
      return { type: "Object", node };
    case "ThisExpression":
      return self;
    case "ChainExpression":
      return next(node.expression);
    case "Identifier":
      return named(scope, node, next);
    case "MemberExpression": {
      const name = nameOf(node.property, node.computed);
      const owner = name === null ? null : next(node.object);
      return owner === null ? null : memberOf(owner, name!, next);
    }
    case "NewExpression": {
      const made = next(node.callee);
      return made?.type === "Class" ? { type: "Instance", node: made.node } : { type: "Made", node };
    }
    case "CallExpression": {
      const { callee } = node;
      const isSame =
        callee.type === "MemberExpression" && SAME_OBJECT.includes(nameOf(callee.property, callee.computed) ?? "");
      if (isSame && node.arguments[0] !== undefined) return next(node.arguments[0]);
      const called = next(callee);
      if (called?.type !== "Function") return { type: "Made", node };
      if (called.node.generator) return { type: "Generator", node: called.node };
      const returned = returnedBy(called.node);
      return returned === null ? null : next(returned, called.self);
    }
    default:
      return { type: "Made", node };
  }
}

/** The same question about another node. */
type Next = (node: AnyNode, self: Value | null) => Value | null;

function named(scope: BundleScope, identifier: AnyNode, next: Next): Value | null {
  const variable = scope.variableOf(identifier);
  const definition = variable === null ? null : definitionOf(variable);
  if (definition === null) return null;
  const { type, node, name } = definition;
  if (type === "FunctionName" || type === "ClassName") return next(node, null);
  if (node.type !== "VariableDeclarator" || !node.init) return null;
  if (node.id === name) return next(node.init, null);
  const member = takenMember(node.id, name);
  const owner = member === null ? null : next(node.init, null);
  return owner === null ? null : memberOf(owner, member!, next);
}

/** Which member `{ member: name } = owner` takes; null for every other pattern. */
export function takenMember(pattern: Pattern, name: AnyNode): string | null {
  if (pattern.type !== "ObjectPattern") return null;
  const taking = pattern.properties.find((one) => one.type === "Property" && one.value === name);
  return taking?.type === "Property" ? nameOf(taking.key, taking.computed) : null;
}

/** A getter counts as the function that it is: reading it runs it. */
function memberOf(owner: Value, name: string, next: Next): Value | null {
  if (owner.type === "Object") {
    const member = memberIn(owner.node, name);
    return member === null || member.kind === "set" ? null : next(member.value, owner);
  }
  if (owner.type !== "Instance" && owner.type !== "Class") return null;
  const { body, superClass } = owner.node;
  for (const element of body.body) {
    if (element.type === "StaticBlock" || element.static !== (owner.type === "Class")) continue;
    if (nameOf(element.key, element.computed) !== name) continue;
    if (element.type === "PropertyDefinition" || element.kind !== "set") {
      return element.value ? next(element.value, owner) : null;
    }
  }
  const inherited = superClass ? next(superClass, null) : null;
  return inherited?.type === "Class" ? memberOf({ ...owner, node: inherited.node }, name, next) : null;
}

/** The member of that name; null when there is none, or when something later in the literal could replace it. */
export function memberIn({ properties }: ObjectExpression, name: string): Property | null {
  const last = properties.findLast(
    (one) => one.type === "SpreadElement" || one.computed || nameOf(one.key, one.computed) === name,
  );
  return last?.type === "Property" && !last.computed ? last : null;
}

function returnedBy({ body, async }: FunctionNode): AnyNode | null {
  if (async) return null;
  if (body.type !== "BlockStatement") return body;
  const last = body.body.at(-1);
  return last?.type === "ReturnStatement" ? (last.argument ?? null) : null;
}
