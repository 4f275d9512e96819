// Placeholder while the analysis is being written: no places.
import type { BundlePlaces } from "../../sandbox/bundle-places.ts";

export interface StateWrite {
  readonly source: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}
export interface BundleAnalysis {
  readonly places: BundlePlaces;
  readonly stateWrites: readonly StateWrite[];
}
export const analyseBundle = (_bundle: string, _sourceMap: string): BundleAnalysis => ({
  places: { reads: [], thrown: [] },
  stateWrites: [],
});
