// A bundle as a tree whose names are resolved and whose places lead back to the author's files: parsed once, then asked.
import type { SourceMap } from "node:module";
import {
  type AnyNode,
  type ArrowFunctionExpression,
  type FunctionDeclaration,
  type FunctionExpression,
  parse,
} from "acorn";
import { analyze, type Reference, type Scope, type ScopeManager, type Variable } from "eslint-scope";

export type FunctionNode = FunctionDeclaration | FunctionExpression | ArrowFunctionExpression;
export type { AnyNode, Reference, Variable };

export interface Original {
  /** As the source map names it: `strategies/momentum.ts`, `dsl/signal.ts`. */
  readonly source: string;
  /** 1-based, as the column. */
  readonly line: number;
  readonly column: number;
  /** What the author calls it, where the bundler had to rename it. */
  readonly name: string | null;
}

/** How a variable came to be: `node` is its function, its class, its declarator, or the function that it is a parameter of. */
export interface Definition {
  readonly type: string;
  readonly node: AnyNode;
  readonly name: AnyNode;
}

type Tree = Parameters<typeof analyze>[0];
type TreeNode = Parameters<ScopeManager["getDeclaredVariables"]>[0];

/** The tree's types and those of the scopes describe the same objects. */
const asNode = (node: object): AnyNode => node as AnyNode;

export class BundleScope {
  readonly text: string;
  /** Every node; all that is inside of one comes directly after it. */
  readonly nodes: readonly AnyNode[];
  readonly #map: SourceMap;
  readonly #scopes: ScopeManager;
  readonly #positions = new Map<AnyNode, number>();
  readonly #parents = new Map<AnyNode, AnyNode>();
  readonly #references = new Map<AnyNode, Reference>();

  /** Throws a SyntaxError for what is no script, and a RangeError for what is nested too deeply. */
  constructor(text: string, map: SourceMap) {
    this.text = text;
    this.#map = map;
    const program = parse(text, { ecmaVersion: "latest", sourceType: "script", locations: true, ranges: true });
    this.nodes = this.#walk(program as AnyNode);
    this.#scopes = analyze(program as unknown as Tree, { ecmaVersion: 2024 });
    for (const { references } of this.#scopes.scopes) {
      for (const reference of references) this.#references.set(asNode(reference.identifier), reference);
    }
  }

  #walk(program: AnyNode): AnyNode[] {
    const nodes: AnyNode[] = [];
    const open = [program];
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      this.#positions.set(node, nodes.length);
      nodes.push(node);
      for (const value of Object.values(node)) {
        for (const child of Array.isArray(value) ? value : [value]) {
          if (!isNode(child)) continue;
          this.#parents.set(child, node);
          open.push(child);
        }
      }
    }
    return nodes;
  }

  get program(): AnyNode {
    return this.nodes[0]!;
  }

  parentOf(node: AnyNode): AnyNode | null {
    return this.#parents.get(node) ?? null;
  }

  /** The node itself and all inside of it. */
  *nodesIn(outer: AnyNode): Generator<AnyNode> {
    for (let at = this.#positions.get(outer)!; at < this.nodes.length; at++) {
      const node = this.nodes[at]!;
      if (!isInside(node, outer)) return;
      yield node;
    }
  }

  /** Null where an identifier is no use of a variable: a property's name, a label, a parameter. */
  referenceOf(identifier: AnyNode): Reference | null {
    return this.#references.get(identifier) ?? null;
  }

  /** Null also for a global. */
  variableOf(identifier: AnyNode): Variable | null {
    return this.referenceOf(identifier)?.resolved ?? null;
  }

  /** Whether nothing in the bundle declares it. */
  isGlobal(identifier: AnyNode): boolean {
    return this.referenceOf(identifier)?.resolved === null;
  }

  /** What a function, a class or a declaration brings into being. */
  declaredBy(node: AnyNode): readonly Variable[] {
    return this.#scopes.getDeclaredVariables(node as unknown as TreeNode);
  }

  /** Where the author wrote it; null for what the bundler added. */
  originalOf(node: AnyNode): Original | null {
    const { line, column } = node.loc!.start;
    const entry = this.#map.findEntry(line - 1, column);
    if (!("originalSource" in entry)) return null;
    const { originalSource: source, originalLine, originalColumn } = entry;
    const name = "name" in entry && typeof entry.name === "string" ? entry.name : null;
    return { source, line: originalLine + 1, column: originalColumn + 1, name };
  }

  /** Whether it stands in a file of the author's, not in the DSL. */
  isAuthors(node: AnyNode): boolean {
    const original = this.originalOf(node);
    return original !== null && !original.source.startsWith("dsl/");
  }

  /** Whether something is assigned to it: `x = 1`, `x++`, `delete x`, `[x] = list`, `for (x of list)`. */
  isTarget(node: AnyNode): boolean {
    const parent = this.parentOf(node);
    switch (parent?.type) {
      case "AssignmentExpression":
      case "AssignmentPattern":
      case "ForInStatement":
      case "ForOfStatement":
        return parent.left === node;
      case "UpdateExpression":
      case "ArrayPattern":
      case "RestElement":
        return true;
      case "UnaryExpression":
        return parent.operator === "delete";
      case "ChainExpression":
        return this.isTarget(parent);
      case "Property":
        return parent.value === node && this.parentOf(parent)?.type === "ObjectPattern";
      default:
        return false;
    }
  }
}

const isNode = (value: unknown): value is AnyNode =>
  typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";

export const isInside = (node: AnyNode, outer: AnyNode): boolean => node.start >= outer.start && node.end <= outer.end;

export const isFunction = (node: AnyNode): node is FunctionNode =>
  node.type === "FunctionExpression" || node.type === "ArrowFunctionExpression" || node.type === "FunctionDeclaration";

/** Null for a variable that is declared in more than one way: a parameter and a function of the same name. */
export function definitionOf({ defs }: Variable): Definition | null {
  const [only, ...others] = defs;
  if (only === undefined || others.length > 0) return null;
  return { type: only.type, node: asNode(only.node), name: asNode(only.name) };
}

export const identifierOf = (reference: Reference): AnyNode => asNode(reference.identifier);
export const blockOf = (scope: Scope): AnyNode => asNode(scope.block);

/** The name of a property or member that is written as a name: `x.name`, `{ name: 1 }`, `{ "name": 1 }`, `x.#name`. */
export function nameOf(key: AnyNode, computed: boolean): string | null {
  if (computed) return null;
  if (key.type === "PrivateIdentifier") return `#${key.name}`;
  if (key.type === "Identifier") return key.name;
  return key.type === "Literal" && typeof key.value === "string" ? key.value : null;
}
