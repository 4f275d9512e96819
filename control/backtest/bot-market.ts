// The market as a bot saw it, out of its data directory: the journal, and the ledger's candles where the journal is cut.
import type { DatabaseSync } from "node:sqlite";
import { UserError } from "../../engine/base/errors.ts";
import { beginningOf } from "../../engine/feeds/journal/journal-beginning.ts";
import { JournalFeed } from "../../engine/feeds/journal/journal-feed.ts";
import { JournalDamaged } from "../../engine/journal/chain.ts";
import { JournalReader } from "../../engine/journal/journal-reader.ts";
import type { JournalRow } from "../../engine/journal/port.ts";
import { candleEvents } from "../../engine/market/history.ts";
import { readRows } from "../../engine/store/read-rows.ts";
import type { InForce } from "../dry-run/settings-in-force.ts";
import { openLedger } from "../ledger-file.ts";
import { IDENTITY } from "../run/world.ts";
import type { RecordedMarket } from "./recorded-market.ts";

const AS_STARTED =
  "Sizing and limits are those that the bot started with: what its operator changed later is not done again";
const RECORDED_QUOTES = "Quotes are those that the bot saw; what an order would have got of them is modelled";
/** The store keeps a few days of them. */
const CANDLES_MAX = 2_000_000;

/** Throws a UserError where there is no journal that can be read. */
export function openBotMarket(dir: string, config: InForce): RecordedMarket {
  const db = openLedger(dir, `Cannot test on "${dir}"`);
  try {
    return marketOf(dir, db, config);
  } catch (error) {
    db.close();
    throw error;
  }
}

function marketOf(dir: string, db: DatabaseSync, config: InForce): RecordedMarket {
  const reader = new JournalReader(db);
  const rows = (fromSeq = 0) => soundRows(reader, fromSeq, dir);
  const beginning = beginningOf(rows());
  const [last] = rows(reader.head()?.seq);
  if (beginning === null || last === undefined) {
    throw new UserError("data", `Cannot test on "${dir}": its bot journaled no cycle`, { where: dir });
  }
  const { started, atMs } = beginning;
  const settings = started?.settings ?? config.settings;
  const places = new Map(settings.slots.map(({ asset, interval }) => [`${asset} ${interval}`, { asset, interval }]));
  const parts = {
    identity: beginning.notes.get(IDENTITY) ?? "journal",
    grain: started?.grain ?? ({ type: "ticks" } as const),
    slots: [...places.values()],
    startMs: atMs - (started?.cycleMs ?? config.cold.cycleMs),
    endMs: last.atMs,
    history: started?.history ?? candlesBefore(db, atMs),
  };
  const cut = `Its journal goes back to ${new Date(atMs).toISOString()}, not to its start: settings are the configuration's`;
  return {
    play: () => new JournalFeed({ ...parts, rows: rows() }),
    notes: [RECORDED_QUOTES, started === null ? cut : AS_STARTED],
    beginning,
    close: () => db.close(),
  };
}

const candlesBefore = (db: DatabaseSync, atMs: number) =>
  candleEvents(readRows(db, "candles", "WHERE open_ms < ? ORDER BY open_ms, asset", CANDLES_MAX, atMs));

function* soundRows(reader: JournalReader, fromSeq: number, dir: string): Generator<JournalRow> {
  try {
    yield* reader.rows({ fromSeq });
  } catch (error) {
    if (!(error instanceof JournalDamaged)) throw error;
    const { seq, cycle, what } = error.row;
    throw new UserError(
      "data",
      `Cannot test on "${dir}": row ${seq} of its journal (cycle ${cycle ?? "unknown"}) ${what}`,
      {
        where: dir,
        hint: "audit says where the journal is whole",
      },
    );
  }
}
