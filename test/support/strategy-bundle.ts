// Bundles and loads strategy source for tests of the sandbox, without the rest of the reload pipeline.
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { CodeVersion, SlotId } from "../../engine/base/ids.ts";
import type { DecisionRequest, DecisionResult } from "../../engine/decide/decision.ts";
import type { LoadedVersion, SandboxHost } from "../../engine/decide/port.ts";
import { HEADER_INDEX, type HeaderField } from "../../engine/frame/layout.ts";
import type { Params } from "../../engine/frame/manifest.ts";
import type { Loader, LoadOrder } from "../../engine/sandbox/loader.ts";
import { analyseBundle } from "../../engine/versions/analysis/analyse-bundle.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The file that `source` is taken to be; sources of the map are relative to the repository. */
export const STRATEGY_FILE = "strategies/example.ts";

export async function bundleStrategy(source: string, params: Params = {}): Promise<LoadOrder> {
  const result = await build({
    stdin: { contents: source, sourcefile: STRATEGY_FILE, loader: "ts", resolveDir: root },
    absWorkingDir: root,
    bundle: true,
    write: false,
    outfile: "bundle.js",
    format: "iife",
    globalName: "__strategy",
    target: "es2023",
    sourcemap: "external",
    alias: { underway: `${root}dsl/index.ts` },
    tsconfigRaw: { compilerOptions: { strict: true } },
    logLevel: "silent",
  });
  const text = (ending: string) => result.outputFiles.find(({ path }) => path.endsWith(ending))!.text;
  const code = createHash("sha256").update(source).digest("hex") as CodeVersion;
  const [script, sourceMap] = [text(".js"), text(".map")];
  const { places } = analyseBundle(script, sourceMap);
  return { strategy: "example", code, params, bundle: script, places, sourceMap, file: STRATEGY_FILE };
}

/** A whole strategy around the body of its decide(). */
export const deciding = (body: string, members = "inputs: () => ({})", before = ""): string =>
  `import { candles, down, exit, hold, market, param, strategy, ta, up } from "underway";
${before}
export default strategy({ about: "test", ${members}, decide(readings, { params, window, position, memory }) {
${body}
} });`;

export const loadStrategy = async (loader: Loader, source: string, params?: Params): Promise<LoadedVersion> =>
  loader.load(await bundleStrategy(source, params));

export function requestOf(
  version: LoadedVersion,
  header: { readonly [K in HeaderField]?: number } = {},
  options: { readonly slot?: string; readonly memory?: string } = {},
): DecisionRequest {
  const frame = new Float64Array(version.facts.layout.size);
  for (const [name, value] of Object.entries(header)) frame[HEADER_INDEX[name as HeaderField]] = value;
  const slot = (options.slot ?? "BTC-5m-example") as SlotId;
  return { slot, version: version.facts.ref, frame, memory: options.memory ?? "null" };
}

export const decideAll = (host: SandboxHost, requests: readonly DecisionRequest[], deadlineMs = 20_000, cycle = 1) =>
  new Promise<readonly DecisionResult[]>((resolve) => host.decide(cycle, requests, deadlineMs, resolve));

/** What a decision came to, in one word each: for tables. */
export const outcomeOf = (result: DecisionResult): string =>
  result.type === "Decided"
    ? `${result.signal.kind}: ${result.signal.reason}`
    : `${result.fault.kind}! ${result.fault.message}`;
