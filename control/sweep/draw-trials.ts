// Which points of a space are tried: all of a grid that is small enough, else as many as were asked for, drawn without replacement.
import { hash32, uniform } from "../../engine/base/prng.ts";
import type { Params } from "../../engine/frame/manifest.ts";
import type { Axis, Declared, Space } from "./space.ts";

export interface Draw {
  /** Complete params; the first are the defaults, the others go in the order of the grid. */
  readonly trials: readonly Params[];
  /** Points of the grid, the defaults among them or not. */
  readonly points: number;
  readonly isSample: boolean;
}

/** Draws from other coordinates than whatever else the seed is for. */
const STREAM = 0x53776570;

/** At least one trial. The same for the same space, number and seed. */
export function drawTrials(declared: Declared, { axes }: Space, trialsMax: number, seed: number): Draw {
  const defaults: Params = Object.fromEntries(Object.entries(declared).map(([name, spec]) => [name, spec.default]));
  const points = axes.reduce((product, { values }) => product * values.length, 1);
  const usual = axes.map(({ name, values }) => values.indexOf(defaults[name]!));
  const isSample = points - (usual.includes(-1) ? 0 : 1) > trialsMax - 1;
  const chosen = isSample ? sample(axes, usual, trialsMax - 1, seed) : everyPoint(axes, points);
  const others = chosen.filter((indices) => indices.some((index, axis) => index !== usual[axis]));
  const paramsAt = (indices: readonly number[]): Params => ({
    ...defaults,
    ...Object.fromEntries(axes.map(({ name, values }, axis) => [name, values[indices[axis]!]!])),
  });
  return { trials: [defaults, ...others.map(paramsAt)], points, isSample };
}

/** Indices into each axis; the last axis turns fastest. */
function everyPoint(axes: readonly Axis[], points: number): readonly (readonly number[])[] {
  return Array.from({ length: points }, (_, point) => {
    let rest = point;
    return axes
      .toReversed()
      .map(({ values }) => {
        const index = rest % values.length;
        rest = Math.floor(rest / values.length);
        return index;
      })
      .reverse();
  });
}

/**
 * Points are drawn again until they are new, n·ln(n) draws where the whole grid but one is wanted: the number of points may be
 * beyond any integer, so they are never counted out.
 */
function sample(axes: readonly Axis[], without: readonly number[], count: number, seed: number) {
  const seen = new Set([String(without)]);
  const drawn: number[][] = [];
  for (let attempt = 0; drawn.length < count; attempt++) {
    const stream = hash32(seed, STREAM, attempt);
    const indices = axes.map(({ values }, axis) => Math.floor(uniform(stream, axis) * values.length));
    if (seen.has(String(indices))) continue;
    seen.add(String(indices));
    drawn.push(indices);
  }
  return drawn.sort((a, b) => {
    const axis = a.findIndex((index, at) => index !== b[at]);
    return a[axis]! - b[axis]!;
  });
}
