// Bundles sources as the bot does and shows what the analysis finds in them, as text.
import { analyseBundle } from "../../../../engine/versions/analysis/analyse-bundle.ts";
import { bundle } from "../../../../engine/versions/bundler.ts";
import { STRATEGY_IMPORTS } from "../../../../engine/versions/import-rules.ts";
import { type SourceFolder, StoredFolder } from "../../../../engine/versions/source-folder.ts";

export interface Sources {
  readonly [path: string]: string;
}

export function bundled(sources: Sources | SourceFolder, entry = "a.ts") {
  const folder = isFolder(sources) ? sources : new StoredFolder("strategies", sources);
  return bundle(folder, entry, STRATEGY_IMPORTS);
}

export async function analysed(sources: Sources | SourceFolder, entry = "a.ts") {
  const { code, sourceMap } = await bundled(sources, entry);
  const { places, stateWrites } = analyseBundle(code, sourceMap);
  const textOf = ({ start, end }: { readonly start: number; readonly end: number }) => code.slice(start, end);
  return {
    code,
    places,
    reads: places.reads.map(textOf),
    paths: places.reads.map(({ from, path }) => [from, ...path].join(".")),
    thrown: places.thrown.map(textOf),
    /** `file:line:column`. */
    writes: stateWrites.map(({ source, line, column }) => `${source}:${line}:${column}`),
    messages: stateWrites.map(({ message }) => message),
  };
}

const isFolder = (sources: Sources | SourceFolder): sources is SourceFolder => typeof sources.read === "function";

/** A strategy whose decide() is written out; `head` comes before it, on the same line as nothing else. */
export const deciding = (
  decide: string,
  head = "",
): string => `import { hold, market, strategy, ta, up } from "underway";
${head}
export default strategy({
  about: "Holds",
  inputs: () => ({ fair: market.probabilityUp(), rsi: ta.rsi(), macd: ta.macd() }),
  ${decide},
});
`;
