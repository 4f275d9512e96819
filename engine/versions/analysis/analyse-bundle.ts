// What can be known of a strategy's bundle from its text: reads of the frame that can become indices, where values are
// thrown, and what its decisions change that they should not. Made once, when it is bundled; nothing is evaluated.
import { SourceMap } from "node:module";
import type { BundlePlaces, ThrownValue } from "../../sandbox/bundle-places.ts";
import { type AnyNode, BundleScope } from "./bundle-scope.ts";
import { frameReads } from "./frame-reads.ts";
import { type StateWrite, stateWrites } from "./state-writes.ts";

export interface BundleAnalysis {
  readonly places: BundlePlaces;
  readonly stateWrites: readonly StateWrite[];
}

const NOTHING: BundleAnalysis = { places: { reads: [], thrown: [] }, stateWrites: [] };

/** Empty for what is nested too deeply to be gone through. */
export function analyseBundle(bundle: string, sourceMap: string): BundleAnalysis {
  const map = new SourceMap(JSON.parse(sourceMap));
  try {
    const scope = new BundleScope(bundle, map);
    return { places: { reads: frameReads(scope), thrown: thrownValues(scope) }, stateWrites: stateWrites(scope) };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return NOTHING;
    throw error;
  }
}

function thrownValues(scope: BundleScope): readonly ThrownValue[] {
  return scope.nodes
    .flatMap((node) => (node.type === "ThrowStatement" && scope.isAuthors(node) ? [lastOf(node.argument)] : []))
    .map(({ start, end }) => ({ start, end }))
    .sort((a, b) => a.start - b.start);
}

/** Of `throw log(), error` only the last is thrown. */
const lastOf = (value: AnyNode): AnyNode => (value.type === "SequenceExpression" ? value.expressions.at(-1)! : value);
