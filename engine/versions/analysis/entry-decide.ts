// The decide() that the reader calls, when it can be shown that nobody else does.
import type { CallExpression, Expression, Identifier, ObjectExpression, Statement } from "acorn";
import { type BundleScope, definitionOf, type FunctionNode, isFunction } from "./bundle-scope.ts";
import { changesIn } from "./changes.ts";
import { memberIn } from "./static-value.ts";

const STRATEGY_SOURCE = "dsl/strategy.ts";

/** Null when it is not written out in the entry's own `export default strategy({ … })`, or could get into other hands. */
export function entryDecide(scope: BundleScope): FunctionNode | null {
  const literal = entryLiteral(scope);
  if (literal === null) return null;
  const decide = ownFunction(literal, "decide");
  // The reader calls inputs() on the strategy: a function from elsewhere could keep its `this`.
  if (decide === null || ownFunction(literal, "inputs") === null) return null;
  for (const node of scope.nodesIn(literal)) {
    if (node.type === "ThisExpression" || node.type === "Super") return null;
  }
  for (const node of scope.nodesIn(decide)) {
    if (node.type === "Identifier" && node.name === "arguments") return null;
  }
  const knowsItself = scope.declaredBy(decide).some((variable) => {
    return definitionOf(variable)?.type === "FunctionName" && variable.references.length > 0;
  });
  // What is patched into a global, such as Object.freeze, is handed the strategy by those who use it.
  return knowsItself || changesIn(scope, { node: scope.program, self: null }).length > 0 ? null : decide;
}

/** A function written out in the literal. */
function ownFunction(literal: ObjectExpression, name: string): FunctionNode | null {
  const member = memberIn(literal, name);
  return member?.kind === "init" && isFunction(member.value) ? member.value : null;
}

/** `export default strategy({ … })`, also through variables that serve nothing else. */
function entryLiteral(scope: BundleScope): ObjectExpression | null {
  let value: Expression | null = exportedDefault(scope);
  while (value?.type === "Identifier") value = onlyValue(scope, value, 1);
  if (value?.type !== "CallExpression" || value.arguments.length !== 1) return null;
  const [spec] = value.arguments;
  return spec?.type === "ObjectExpression" && isStrategyCall(scope, value) ? spec : null;
}

function isStrategyCall(scope: BundleScope, { callee }: CallExpression): boolean {
  const variable = scope.variableOf(callee);
  const definition = variable === null ? null : definitionOf(variable);
  if (definition?.type !== "FunctionName" || variable!.references.some((reference) => reference.isWrite()))
    return false;
  return scope.originalOf(definition.node)?.source === STRATEGY_SOURCE;
}

/** What a variable is initialised with, when that is all it ever holds and only so many places read it. */
function onlyValue(scope: BundleScope, identifier: Identifier, readers: number): Expression | null {
  const variable = scope.variableOf(identifier);
  const definition = variable === null ? null : definitionOf(variable);
  if (definition?.node.type !== "VariableDeclarator" || definition.node.id !== definition.name) return null;
  return variable!.references.length === 1 + readers ? (definition.node.init ?? null) : null;
}

/**
 * The bundler's own frame: `var __strategy = (() => { var x = {}; __export(x, { default: () => value }); …; return
 * __toCommonJS(x); })()`. The last statement can only be its own, so whatever else names `x` is an author's.
 */
function exportedDefault(scope: BundleScope): Expression | null {
  const statements = moduleStatements(scope);
  const last = statements.at(-1);
  if (last?.type !== "ReturnStatement" || last.argument?.type !== "CallExpression") return null;
  const [exports] = last.argument.arguments;
  if (exports?.type !== "Identifier" || onlyValue(scope, exports, 2)?.type !== "ObjectExpression") return null;
  const variable = scope.variableOf(exports);
  for (const statement of statements) {
    if (statement.type !== "ExpressionStatement" || statement.expression.type !== "CallExpression") continue;
    const [target, getters] = statement.expression.arguments;
    if (target?.type !== "Identifier" || scope.variableOf(target) !== variable) continue;
    const getter = getters?.type === "ObjectExpression" ? ownFunction(getters, "default") : null;
    return getter === null || getter.body.type === "BlockStatement" ? null : getter.body;
  }
  return null;
}

/** Of the strict script that the bundler makes, when nothing in it can name the global that the module is left in. */
function moduleStatements(scope: BundleScope): readonly Statement[] {
  if (scope.program.type !== "Program") return [];
  const [directive, declaration] = scope.program.body;
  if (directive?.type !== "ExpressionStatement" || directive.directive !== "use strict") return [];
  if (declaration?.type !== "VariableDeclaration") return [];
  const init = declaration.declarations[0]?.init;
  if (init?.type !== "CallExpression" || init.callee.type !== "ArrowFunctionExpression") return [];
  const isNamed = scope.declaredBy(declaration).some(({ references }) => references.length > 1);
  const isReached = scope.nodes.some((node) => node.type === "Identifier" && node.name === "globalThis");
  if (isNamed || isReached) return [];
  return init.callee.body.type === "BlockStatement" ? init.callee.body.body : [];
}
