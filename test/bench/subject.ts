// A strategy of this folder, ready to be timed: loaded into a sandbox, and as plain JavaScript beside it.
import { runInThisContext } from "node:vm";
import type { SlotId } from "../../engine/base/ids.ts";
import type { DecisionRequest, Signal } from "../../engine/decide/decision.ts";
import type { LoadedVersion } from "../../engine/decide/port.ts";
import type { VersionFacts } from "../../engine/decide/version.ts";
import { type FrameLayout, HEADER_INDEX, type HeaderField } from "../../engine/frame/layout.ts";
import type { EngineVariant } from "../../engine/sandbox/engine-module.ts";
import { Loader, type LoadOrder } from "../../engine/sandbox/loader.ts";
import { readerSource } from "../../engine/sandbox/reader-source.ts";
import { DiskFolder } from "../../engine/versions/source-folder.ts";
import { makeArtifact } from "../../engine/versions/workshop.ts";

export const STRATEGIES = new DiskFolder(new URL("./strategies/", import.meta.url).pathname);
const FRAMES = 64;

export async function orderOf(
  strategy: string,
  engine: EngineVariant,
  folder: Parameters<typeof makeArtifact>[0] = STRATEGIES,
): Promise<LoadOrder> {
  const file = `${strategy}.ts`;
  const { code, bundle, analysis, sourceMap } = await makeArtifact(folder, file, engine);
  return { strategy, code, params: {}, bundle, places: analysis.places, sourceMap, file };
}

export async function load(strategy: string, engine: EngineVariant): Promise<LoadedVersion> {
  return (await Loader.create(engine)).load(await orderOf(strategy, engine));
}

export const requestOf = ({ ref }: VersionFacts, frame: Float64Array, slot = 0): DecisionRequest => ({
  slot: `SLOT-${slot}` as SlotId,
  version: ref,
  frame,
  memory: "null",
});

/** Frames of a market in motion, everything ready and no position: every decision goes all the way. */
export function framesOf({ layout }: VersionFacts): readonly Float64Array[] {
  return Array.from({ length: FRAMES }, (_, index) => {
    const swing = Math.sin(index);
    const frame = new Float64Array(layout.size);
    for (const [name, value] of Object.entries(headerAt(swing))) frame[HEADER_INDEX[name as HeaderField]] = value;
    for (const field of layout.fields) frame.fill(READINGS[field.name]!(swing), field.offset);
    return frame;
  });
}

const headerAt = (swing: number): { readonly [name in HeaderField]?: number } => ({
  spot: 65_000 + 60 * swing,
  open: 65_000,
  secondsLeft: 150,
  upBid: 0.49,
  upAsk: 0.5,
  upBidSize: 120,
  upAskSize: 80,
  downBid: 0.49,
  downAsk: 0.51,
  downBidSize: 90,
  downAskSize: 100,
  feeRate: 0.07,
});

const READINGS: { readonly [name: string]: (swing: number) => number } = {
  fast: (swing) => 65_000 + 25 * swing,
  slow: (swing) => 65_000 + 10 * swing,
  rsi: (swing) => 50 + 45 * swing,
  atr: () => 35,
  move: (swing) => 3.5 * swing,
  fair: (swing) => 0.5 + 0.3 * swing,
};

type Readers = (frame: Float64Array, views: object, freeze: typeof Object.freeze) => View;
export interface View {
  readonly readings: object;
  readonly window: object;
  readonly position: object | null;
}

/** What a strategy reads of `frame`, as JavaScript of this process: the same reader that runs in the sandbox. */
export function viewOf(layout: FrameLayout, frame: Float64Array): View {
  const readers = runInThisContext(readerSource(layout)) as Readers;
  return { ...readers(frame, {}, Object.freeze), position: null };
}

interface Decides {
  readonly decide: (readings: object, context: object) => Signal;
}

/** The strategy decided by V8 itself, with nothing between: the floor. */
export async function directly(
  strategy: string,
  { layout, params }: VersionFacts,
): Promise<(frame: Float64Array) => Signal> {
  const module = (await import(`./strategies/${strategy}.ts`)) as { readonly default: Decides };
  const own = new Float64Array(layout.size);
  const { readings, window, position } = viewOf(layout, own);
  const context = Object.freeze({ params, window, position, memory: undefined });
  return (frame) => {
    own.set(frame);
    return module.default.decide(readings, context);
  };
}
