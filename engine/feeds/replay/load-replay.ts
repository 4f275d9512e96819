// Opens recorded files as one feed. What a file holds is told by its first line, whose it is by its name.
import { ASSETS, type Asset } from "../../../dsl/asset.ts";
import { UserError } from "../../base/errors.ts";
import type { MarketId } from "../../base/ids.ts";
import type { Tick } from "../../market/event.ts";
import type { Outcome } from "../../market/market.ts";
import type { PullFeed } from "../port.ts";
import { CANDLE_HEADER, type CandleColumns, KLINE_CELLS, parseCandles, parseKlines } from "./candle-file.ts";
import { CandleReplay } from "./candle-replay.ts";
import { malformed, quoted } from "./csv-rows.ts";
import { type DataFile, readDataFiles } from "./data-file.ts";
import { joinCandles } from "./join-candles.ts";
import { modelledListings, recordedListings } from "./listing.ts";
import { type MarketRecord, parseMarkets } from "./market-file.ts";
import { PRICE_HEADER, parsePrices } from "./price-file.ts";
import { cutShort, missingCandles, tickNotes, withoutRepeats } from "./recording-notes.ts";
import { type TickRecording, TickReplay } from "./tick-replay.ts";

interface ReplayOptions {
  /** Whose prices or candles the files hold; otherwise their names say it. */
  readonly asset?: Asset;
  /** Whose they are where neither says it: a note tells. Without it such a file is refused. */
  readonly unnamed?: Asset;
}

/** A recording that has been read: it can be played many times, each time from its beginning. */
interface Replay {
  play(): PullFeed;
  /** Empty where it holds none. */
  readonly candles: ReadonlyMap<Asset, CandleColumns>;
  /** What its reader must know: what was missing, and what was put right. */
  readonly notes: readonly string[];
}

export const loadReplay = (paths: readonly string[], options: ReplayOptions = {}): PullFeed =>
  openReplay(paths, options).play();

/** Throws a UserError that says which file, row and cell is wrong. What it gives holds on to numbers, not to texts. */
export function openReplay(paths: readonly string[], options: ReplayOptions = {}): Replay {
  const { identity, candles, recording, notes } = read(paths, options);
  const play = (): PullFeed =>
    recording === null ? new CandleReplay(identity, candles) : new TickReplay(identity, recording);
  return { play, candles, notes };
}

interface ReadFiles extends Omit<Replay, "play"> {
  readonly identity: string;
  /** Null for candles. */
  readonly recording: TickRecording | null;
}

function read(paths: readonly string[], options: ReplayOptions): ReadFiles {
  if (paths.length === 0) throw new UserError("usage", "Cannot replay: no data file is named");
  const { files, sha256 } = readDataFiles(paths);
  const identity = `replay sha256=${sha256.slice(0, 16)}`;
  const of = (kind: FileKind): DataFile[] => files.filter((file) => kindOf(file) === kind);
  const candles = new Map<Asset, CandleColumns>();
  for (const [asset, group] of byAsset([...of("candles"), ...of("klines")], options)) {
    const parse = (file: DataFile): CandleColumns =>
      kindOf(file) === "klines" ? parseKlines(file) : parseCandles(file);
    candles.set(asset, joinCandles(group.map((file) => ({ file, columns: parse(file) }))));
  }
  const prices = byAsset(of("prices"), options);
  const markets = of("markets");
  const notes = [...files.flatMap(cutShort), ...files.flatMap((file) => unnamedNote(file, options))];
  if (candles.size === 0) {
    const { recording, notes: found } = tickRecording(prices, markets);
    return { identity, candles, recording, notes: [...notes, ...found] };
  }
  const other = [...of("prices"), ...markets][0];
  if (other !== undefined) {
    throw malformed(other, 1, 1, "prices or markets beside a candle file", "candle files alone");
  }
  requireOneInterval(candles);
  const missing = [...candles].flatMap(([asset, columns]) => missingCandles(asset, columns));
  return { identity, candles, recording: null, notes: [...notes, ...missing] };
}

type FileKind = "markets" | "prices" | "candles" | "klines";

function kindOf(file: DataFile): FileKind {
  const line = file.text.slice(0, file.text.search(/\r?\n|$/));
  if (line.startsWith("{")) return "markets";
  if (line === PRICE_HEADER) return "prices";
  if (line === CANDLE_HEADER || line.startsWith(`${CANDLE_HEADER},`)) return "candles";
  const cells = line.split(",");
  const missing = CANDLE_HEADER.split(",").filter((name) => !cells.includes(name));
  if (cells[0] === "timestamp" && missing.length > 0 && !line.includes("\r")) {
    throw malformed(
      file,
      1,
      cells.length,
      quoted(line),
      `the columns ${CANDLE_HEADER}: ${missing.join(", ")} is not there`,
    );
  }
  const isKline = /^(\d+|open_time),/.test(line) && line.split(",").length === KLINE_CELLS;
  if (isKline) return "klines";
  const expected = `a market as JSON, "${PRICE_HEADER}", "${CANDLE_HEADER}" or a Binance kline of ${KLINE_CELLS} cells`;
  throw malformed(file, 1, 1, quoted(line), expected);
}

function byAsset(files: readonly DataFile[], options: ReplayOptions): Map<Asset, DataFile[]> {
  const groups = new Map<Asset, DataFile[]>();
  for (const file of files) {
    const asset = options.asset ?? assetOf(file.path, options.unnamed);
    groups.set(asset, [...(groups.get(asset) ?? []), file]);
  }
  return groups;
}

const baseName = (path: string): string => path.split(/[/\\]/).at(-1)!;

const assetsIn = (path: string): readonly Asset[] =>
  ASSETS.filter((asset) => new RegExp(`(^|[^a-z])${asset}(usd|[^a-z]|$)`).test(baseName(path).toLowerCase()));

function unnamedNote(file: DataFile, { asset, unnamed }: ReplayOptions): string[] {
  const isTold = asset !== undefined || unnamed === undefined || kindOf(file) === "markets";
  if (isTold || assetsIn(file.path).length > 0) return [];
  return [`The name of ${baseName(file.path)} says no asset: taken as ${unnamed}, --asset says another`];
}

function assetOf(path: string, unnamed: Asset | undefined): Asset {
  const named = assetsIn(path);
  if (named.length === 1) return named[0]!;
  if (named.length === 0 && unnamed !== undefined) return unnamed;
  throw new UserError("data", `Cannot tell the asset of "${path}": its name has ${named.join(" and ") || "none"}`, {
    where: path,
    hint: `Give the asset, or name the file after it (btcusd-1m.csv); known are ${ASSETS.join(", ")}`,
  });
}

function tickRecording(
  files: Map<Asset, DataFile[]>,
  marketFiles: readonly DataFile[],
): { readonly recording: TickRecording; readonly notes: readonly string[] } {
  const records = new Map<MarketId, MarketRecord>();
  for (const file of marketFiles) {
    for (const [index, record] of parseMarkets(file).entries()) {
      const { id, asset } = record.market;
      if (records.has(id)) throw malformed(file, index + 1, 1, `market ${id} for the second time`, "each market once");
      if (!files.has(asset)) {
        throw malformed(file, index + 1, 1, `a market on ${asset}`, `a file of ${asset} prices beside it`);
      }
      records.set(id, record);
    }
  }
  const ticks: Tick[] = [];
  const notes: string[] = [];
  const listings = [...files].flatMap(([asset, group]) => {
    const recorded = group.flatMap((file) => parsePrices(file, asset));
    const own = withoutRepeats(recorded.toSorted(byReceipt));
    notes.push(...tickNotes(asset, recorded, own));
    for (const tick of own) ticks.push(tick);
    const markets = [...records.values()].filter(({ market }) => market.asset === asset);
    return markets.length === 0 ? modelledListings(asset, own) : recordedListings(own, markets);
  });
  if (listings.length === 0) throw tooShort([...files.values()].flat());
  listings.sort((a, b) => a.listedAtMs - b.listedAtMs);
  const outcomes = new Map<MarketId, Outcome>();
  for (const { market, outcome } of records.values()) if (outcome !== null) outcomes.set(market.id, outcome);
  return { recording: { ticks: ticks.sort(byReceipt), listings, outcomes }, notes };
}

/** Some reports overtake others on their way, and a bot would have seen them so. Stable: ties stay as recorded. */
const byReceipt = (a: Tick, b: Tick): number => a.receivedAtMs - b.receivedAtMs;

function requireOneInterval(candles: ReadonlyMap<Asset, CandleColumns>): void {
  const intervals = new Set([...candles.values()].map(({ interval }) => interval));
  if (intervals.size === 1) return;
  throw new UserError(
    "data",
    `Cannot replay candles of ${[...intervals].join(" and ")} together: expected one interval`,
  );
}

const tooShort = (files: readonly DataFile[]): UserError =>
  new UserError("data", "Cannot replay: no window opens within the recording, expected at least one 5m boundary", {
    where: files.map(({ path }) => path).join(", "),
  });
