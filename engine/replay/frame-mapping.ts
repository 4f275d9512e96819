// Another version's frame out of a recorded one: what it reads is found by what it is, not by its name, and copied.
import { canonicalJson } from "../base/canonical-json.ts";
import type { VersionFacts } from "../decide/version.ts";
import { type FrameField, HEADER } from "../frame/layout.ts";
import type { InputSpec } from "../frame/manifest.ts";

interface Copy {
  readonly from: number;
  readonly to: number;
  readonly length: number;
}

export class FrameMapping {
  readonly frame: Float64Array;
  readonly #copies: readonly Copy[];

  /** `frame` is filled anew by each call. */
  constructor(size: number, copies: readonly Copy[]) {
    this.frame = new Float64Array(size);
    this.#copies = copies;
  }

  fill(recorded: Float64Array): Float64Array {
    for (const { from, to, length } of this.#copies) this.frame.set(recorded.subarray(from, from + length), to);
    return this.frame;
  }
}

/** The names of inputs that the recorded frame does not have, when there are any. */
export function mapFrame(recorded: VersionFacts, wanted: VersionFacts): FrameMapping | readonly string[] {
  const copies: Copy[] = [{ from: 0, to: 0, length: HEADER.length }];
  const missing: string[] = [];
  for (const to of wanted.layout.fields) {
    const spec = wanted.manifest.inputs[to.name]!;
    const found = recorded.layout.fields.flatMap((from) =>
      isSameInput(recorded.manifest.inputs[from.name]!, spec) ? copiesOf(from, to) : [],
    );
    if (found.length === 0) missing.push(to.name);
    copies.push(...found);
  }
  return missing.length > 0 ? missing : new FrameMapping(wanted.layout.size, copies);
}

/** How far back it goes is another question: less of it is there as well. */
function isSameInput(one: InputSpec, other: InputSpec): boolean {
  const said = ({ kind, options: { history: _, depth: __, ...rest } }: InputSpec) => canonicalJson({ kind, ...rest });
  return said(one) === said(other);
}

/** None when the recorded one does not go back as far. */
function copiesOf(from: FrameField, to: FrameField): Copy[] {
  if (from.type === "candles") {
    const depth = to.type === "candles" ? to.depth : Number.POSITIVE_INFINITY;
    if (depth > from.depth) return [];
    // The newest of each series are at its end.
    return [0, 1, 2, 3, 4].map((series) => ({
      from: from.offset + (series + 1) * from.depth - depth,
      to: to.offset + series * depth,
      length: depth,
    }));
  }
  if (to.type !== "reading" || to.history > from.history) return [];
  const [step, length] = [2 + from.history, 2 + to.history];
  return to.outputs.map((_, n) => ({ from: from.offset + n * step, to: to.offset + n * length, length }));
}
