// The world a run trades in: which feed, from which instant, and that a data directory never mixes two of them.
import { UserError } from "../../engine/base/errors.ts";
import type { PullFeed } from "../../engine/feeds/port.ts";
import type { MetaRow } from "../../engine/store/tables.ts";
import type { RunOptions } from "../run-options.ts";

export const DEFAULT_SEED = 1;
/** The simulated market runs this much faster than the clock, unless asked otherwise: a newcomer sees windows settle. */
export const SIMULATED_SPEED = 10;

/** A recorded market resolves this long after its close, a simulated one sooner, so that a demonstration shows it. */
export const RESOLUTION_MS = { recorded: { min: 50_000, max: 150_000 }, simulated: { min: 10_000, max: 10_000 } };
/** After the last tick: time for the last market to resolve and its claim to be answered. */
export const SETTLE_MS = RESOLUTION_MS.recorded.max + 60_000;

export const IDENTITY = "feed";
const ANCHOR = "market-clock";

export async function openFeed(kind: "simulated" | "replay", options: RunOptions): Promise<PullFeed> {
  if (kind === "simulated") {
    const { SimulatedFeed } = await import("../../engine/feeds/simulated/simulated-feed.ts");
    return new SimulatedFeed({ seed: options.seed ?? DEFAULT_SEED });
  }
  if (options.data.length === 0) {
    throw new UserError("usage", "Cannot replay without data", { hint: "name the recorded files with --data" });
  }
  const { loadReplay } = await import("../../engine/feeds/replay/load-replay.ts");
  return loadReplay(options.data, options.asset === null ? {} : { asset: options.asset });
}

export interface MarketStart {
  /** The market's clock at start; the first cycle is the next one on its grid. */
  readonly atMs: number;
  /** To be kept: a simulated exchange's clock goes on while the bot is down. */
  readonly notes: readonly MetaRow[];
}

/** Where in the world's time this run begins. Throws a UserError for a directory that belongs to another world. */
export function marketStart(
  feed: PullFeed,
  meta: readonly MetaRow[],
  lastCycleMs: number | null,
  run: { readonly speed: number | "max"; readonly wallMs: number; readonly dir: string },
): MarketStart {
  const known = meta.find((row) => row.name === IDENTITY)?.value;
  if (known !== undefined && known !== feed.identity) {
    throw new UserError("config", `Cannot trade "${feed.identity}" here: this data directory holds "${known}"`, {
      where: run.dir,
      hint: "give this market a directory of its own with --dir",
    });
  }
  const anchor = parseAnchor(meta.find((row) => row.name === ANCHOR)?.value);
  const goesOn = feed.endMs === null && anchor !== null && run.speed !== "max";
  const elapsedMs = goesOn ? Math.max(0, run.wallMs - anchor.wallMs) * anchor.speed : 0;
  const fromAnchor = goesOn ? Math.floor(anchor.marketMs + elapsedMs) : feed.startMs;
  const atMs = Math.max(feed.startMs, fromAnchor, lastCycleMs ?? 0);
  const speed = run.speed === "max" ? 0 : run.speed;
  return {
    atMs,
    notes: [
      { name: IDENTITY, value: feed.identity },
      { name: ANCHOR, value: `${run.wallMs} ${atMs} ${speed}` },
    ],
  };
}

function parseAnchor(value: string | undefined): { wallMs: number; marketMs: number; speed: number } | null {
  if (value === undefined) return null;
  const [wallMs = 0, marketMs = 0, speed = 0] = value.split(" ").map(Number);
  return { wallMs, marketMs, speed };
}
