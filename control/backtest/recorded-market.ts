// The market of a backtest: recorded files, or what a bot saw, as its data directory has it.
import { statSync } from "node:fs";
import type { Asset } from "../../dsl/asset.ts";
import { UserError } from "../../engine/base/errors.ts";
import type { JournalBeginning } from "../../engine/feeds/journal/journal-beginning.ts";
import type { PullFeed } from "../../engine/feeds/port.ts";
import { openReplay } from "../../engine/feeds/replay/load-replay.ts";
import type { InForce } from "../dry-run/settings-in-force.ts";
import { UNNAMED_ASSET } from "./port.ts";

export interface RecordedMarket {
  /** From its beginning. */
  play(): PullFeed;
  readonly notes: readonly string[];
  /** What the bot came with whose market it is; null for recorded files. */
  readonly beginning: JournalBeginning | null;
  close(): void;
}

const MODELLED_QUOTES = "The data holds no quotes: these are modelled, and so is every profit";

/** Throws a UserError that says which file and row is wrong. */
export async function openRecordedMarket(
  data: readonly string[],
  asset: Asset | null,
  config: InForce,
): Promise<RecordedMarket> {
  const [first] = data;
  if (first !== undefined && isDirectory(first)) {
    if (data.length === 1) return (await import("./bot-market.ts")).openBotMarket(first, config);
    throw new UserError("usage", `Cannot test on "${first}" together with other data: it is a directory`, {
      where: "--data",
      hint: "name one data directory of a bot, or files",
    });
  }
  const replay = openReplay(data, asset === null ? { unnamed: UNNAMED_ASSET } : { asset });
  return { play: replay.play, notes: [MODELLED_QUOTES, ...replay.notes], beginning: null, close: () => {} };
}

const isDirectory = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
