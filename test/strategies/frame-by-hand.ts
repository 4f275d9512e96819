// A frame written by hand: the facts of the window and the readings a test names, everything else not ready.
import type { Signal } from "../../engine/decide/decision.ts";
import { HEADER_INDEX, type HeaderField } from "../../engine/frame/layout.ts";
import type { Params } from "../../engine/frame/manifest.ts";
import { InThreadHost } from "../../engine/sandbox/in-thread-host.ts";
import { Loader } from "../../engine/sandbox/loader.ts";
import { DiskFolder } from "../../engine/versions/source-folder.ts";
import { loadArtifact, makeArtifact } from "../../engine/versions/workshop.ts";

/** A fair market in the middle of a 5m window: spot at the open, both tokens at 0.49 to 0.50. */
const WINDOW: { readonly [name in HeaderField]?: number } = {
  spot: 65_000,
  open: 65_000,
  secondsLeft: 150,
  upBid: 0.49,
  upAsk: 0.5,
  upBidSize: 100,
  upAskSize: 100,
  downBid: 0.49,
  downAsk: 0.5,
  downBidSize: 100,
  downAskSize: 100,
  feeRate: 0.07,
};

export interface Scene {
  readonly window?: { readonly [name in HeaderField]?: number };
  /** By input, or by `input.output`. */
  readonly readings?: { readonly [name: string]: number };
  readonly memory?: string;
}

export interface Answer {
  readonly signal: Signal;
  readonly memory: string;
}

/** Loads a shipped strategy and gives what decides scenes. */
export async function shipped(name: string, params: Params = {}): Promise<(scene: Scene) => Answer> {
  const folder = new DiskFolder("strategies");
  const version = loadArtifact(await Loader.create(), await makeArtifact(folder, `${name}.ts`), params, folder);
  const host = await InThreadHost.create();
  await host.install(version);
  const { ref, layout, manifest } = version.facts;
  return ({ window = {}, readings = {}, memory = JSON.stringify(manifest.memory?.initial ?? null) }) => {
    const frame = new Float64Array(layout.size).fill(Number.NaN);
    frame.fill(0, 0, Object.keys(HEADER_INDEX).length);
    for (const [field, value] of Object.entries({ ...WINDOW, ...window }))
      frame[HEADER_INDEX[field as HeaderField]] = value;
    const known = new Set<string>();
    for (const field of layout.fields) {
      if (field.type === "candles") continue;
      field.outputs.forEach((output, index) => {
        const path = output === "value" ? field.name : `${field.name}.${output}`;
        known.add(path);
        frame[field.offset + index * (2 + field.history)] = readings[path] ?? Number.NaN;
      });
    }
    for (const path of Object.keys(readings)) if (!known.has(path)) throw new Error(`${name} does not read ${path}`);
    let answer: Answer | null = null;
    host.decide(1, [{ slot: "BTC-5m-x" as never, version: ref, frame, memory }], 0, ([result]) => {
      if (result?.type !== "Decided") throw new Error(`no decision: ${JSON.stringify(result)}`);
      answer = result;
    });
    if (answer === null) throw new Error("no answer");
    return answer;
  };
}
