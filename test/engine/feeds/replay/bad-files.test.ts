import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { UserError } from "../../../../engine/base/errors.ts";
import { loadReplay, openReplay } from "../../../../engine/feeds/replay/load-replay.ts";
import {
  CANDLES,
  candleText,
  folder,
  KLINES,
  MARKETS,
  MINUTE,
  NOON_MS,
  PRICES,
  ticksText,
  written,
} from "./recordings.ts";

describe("a bad file is refused with its place and what was expected", () => {
  const candleLines = candleText([0, 1, 2, 3]).split("\n");
  const priceLines = ticksText().split("\n").slice(0, 5);
  const marketLine = JSON.stringify(marketRow());
  const edited = (lines: readonly string[], row: number, edit: (line: string) => string): string =>
    lines.map((line, i) => (i === row - 1 ? edit(line) : line)).join("\n");
  const cell = (row: number, column: number, value: string): string =>
    edited(candleLines, row, (line) =>
      line
        .split(",")
        .with(column - 1, value)
        .join(","),
    );
  const market = (change: object, raw: object = {}): string =>
    JSON.stringify({ ...marketRow(), ...change, raw: { ...marketRow().raw, ...raw } });

  const cases: [what: string, name: string, content: string | Uint8Array, where: string, says: RegExp][] = [
    ["an empty file", "btc.csv", "", "", /is empty/],
    ["an empty gzip", "btc.gz", gzipSync(""), "", /is empty/],
    ["a truncated gzip", "btc.csv.gz", gzipSync(ticksText()).subarray(0, 900), "", /gzip is damaged/],
    ["a zip", "btc.zip", "PK\u0003\u0004rest", "", /zip archive/],
    ["a picture", "btc.png", Uint8Array.of(0x89, 0x50, 0xff, 0xfe), "", /not UTF-8/],
    ["another header", "btc.csv", "time,price\n1,2\n", ":1:1", /"time,price", expected .*feed_ts_ms/],
    ["prices without a row", "btc.csv", `${priceLines[0]}\n`, ":2:1", /nothing after the header/],
    ["candles without a row", "btc.csv", `${candleLines[0]}\n`, ":2:1", /0 candles, expected at least two/],
    ["one candle", "btc.csv", candleLines.slice(0, 2).join("\n"), ":2:1", /1 candles, expected at least two/],
    [
      "a missing cell",
      "btc.csv",
      edited(candleLines, 3, (line) => line.slice(0, line.lastIndexOf(","))),
      ":3:1",
      /5 cells.*expected 6/,
    ],
    ["a cut last row", "btc.csv", candleLines.join("\n").slice(0, -15), ":5:1", /expected 6 cells/],
    ["a blank line inside", "btc.csv", candleLines.toSpliced(2, 0, "").join("\n"), ":3:1", /1 cells/],
    ["no number", "btc.csv", cell(4, 5, "NaN"), ":4:5", /close is "NaN", expected a number above 0/],
    ["a price of 0", "btc.csv", cell(4, 2, "0"), ":4:2", /open is "0", expected a decimal price above 0/],
    ["a negative volume", "btc.csv", cell(2, 6, "-1"), ":2:6", /volume is "-1", expected a number of at least 0/],
    ["a high below the close", "btc.csv", cell(3, 3, "90"), ":3:3", /high is "90", expected the highest/],
    ["a low above the open", "btc.csv", cell(3, 4, "109"), ":3:4", /low is "109", expected the lowest/],
    ["seconds", "btc.csv", cell(2, 1, "1772366400"), ":2:1", /13 digits/],
    [
      "a duplicate time",
      "btc.csv",
      cell(4, 1, candleLines[2]!.split(",")[0]!),
      ":4:1",
      /after the row before, this is the same/,
    ],
    ["shuffled rows", "btc.csv", cell(4, 1, String(NOON_MS - MINUTE)), ":4:1", /after the row before, this is earlier/],
    [
      "an odd interval",
      "btc.csv",
      candleText([0, 3, 6]),
      ":3:1",
      /180 s apart, expected an interval of 10s, 1m, 5m, 15m/,
    ],
    ["a time off the grid", "btc.csv", cell(5, 1, String(NOON_MS + 4 * MINUTE + 1)), ":5:1", /a multiple of 60000 ms/],
    ["an unknown column", "btc.csv", `${candleLines[0]},vwap\n`, ":1:7", /column "vwap"/],
    [
      "a price with a point",
      "btc.csv",
      edited(priceLines, 3, (line) => line.split(",").with(2, "65000.5").join(",")),
      ":3:3",
      /full_accuracy_value is "65000.5"/,
    ],
    [
      "a receipt in µs",
      "btc.csv",
      edited(priceLines, 4, (line) => line.split(",").with(4, "1772366400000000").join(",")),
      ":4:5",
      /recv_ms is/,
    ],
    [
      "a header in the middle",
      "btc.csv",
      candleLines.toSpliced(3, 0, candleLines[0]!).join("\n"),
      ":4:1",
      /timestamp is "timestamp", expected a time in ms/,
    ],
    ["garbage after the last row", "btc.csv", `${candleLines.join("\n")}\n\0\0\0`, ":6:1", /1 cells/],
    ["a missing column", "btc.csv", candleText([0, 1]).replaceAll(/,[^,]*$/gm, ""), ":1:5", /volume is not there/],
    [
      "garbage after a gzip",
      "btc.csv.gz",
      Buffer.concat([gzipSync(ticksText()), Buffer.from("more")]),
      "",
      /gzip is damaged/,
    ],
    ["old Mac line ends", "btc.csv", candleLines.join("\r"), ":1:1", /expected a market as JSON/],
    ["quoted cells", "btc.csv", cell(3, 2, '"100"'), ":3:2", /open is "\\"100\\"", expected a decimal/],
    [
      "cents from some row on",
      "btc.csv",
      edited(candleLines, 4, (line) => line.replace(",100,110,95,105,", ",10000,11000,9500,10500,")),
      ":4:2",
      /open is "10000", expected a price within 50 times that of the row before, in the same unit/,
    ],
    [
      "a receipt before its price",
      "btc.csv",
      edited(priceLines, 3, (line) =>
        line
          .split(",")
          .with(4, String(NOON_MS - 3_600_000))
          .join(","),
      ),
      ":3:5",
      /recv_ms is .*, expected a receipt after feed_ts_ms/,
    ],
    [
      "a receipt that is the time of a download",
      "btc.csv",
      edited(priceLines, 3, (line) =>
        line
          .split(",")
          .with(4, String(NOON_MS + 86_400_000))
          .join(","),
      ),
      ":3:5",
      /expected a receipt within 10 minutes/,
    ],
    [
      "two prices that differ",
      "btc.csv",
      edited(priceLines, 3, (line) => line.split(",").with(1, "650.5").join(",")),
      ":3:2",
      /value is "650.5", expected full_accuracy_value × 1e-18/,
    ],
    ["broken JSON", "m.jsonl", `${marketLine}\n{"slug":,}\n`, ":2:1", /is no JSON/],
    ["a missing field", "m.jsonl", market({ slug: undefined }), ":1:1", /slug is missing, expected string/],
    [
      "a wrong type",
      "m.jsonl",
      market({ strike_value: 65_000.5 }),
      `:1:${market({ strike_value: 1 }).indexOf('"strike_value"') + 1}`,
      /strike_value is "65000.5", expected string/,
    ],
    [
      "another asset",
      "m.jsonl",
      market({ asset: "ltc" }),
      `:1:${market({}).indexOf('"asset"') + 1}`,
      /asset is .*ltc.*btc/,
    ],
    ["a foreign slug", "m.jsonl", market({ slug: "btc-updown-5m-1" }), ":1:2", /slug is .*expected <asset>-updown/],
    [
      "another fee formula",
      "m.jsonl",
      market({}, { feeSchedule: { rate: 0.25, exponent: 2 } }),
      `:1:${market({}, { feeSchedule: { rate: 0.25, exponent: 2 } }).indexOf('"exponent"') + 1}`,
      /raw.feeSchedule.exponent is "2", expected 1/,
    ],
    [
      "two labels alike",
      "m.jsonl",
      market({}, { outcomes: '["Up","Up"]' }),
      `:1:${market({}).indexOf('"outcomes"') + 1}`,
      /raw.outcomes is .*two different/,
    ],
    ["markets without prices", "m.jsonl", marketLine, ":1:1", /a file of btc prices beside it/],
    ["a name without an asset", "prices.csv", ticksText(), "", /its name has none/],
    ["a name with two assets", "btc-eth.csv", ticksText(), "", /its name has btc and eth/],
    ["a recording without a window", "btc.csv", priceLines.slice(0, 2).join("\n"), "", /no window opens/],
  ];
  for (const [what, name, content, where, says] of cases) {
    test(what, () => {
      const path = written(name, content);
      const error = refusal(() => loadReplay([path]));
      expect(error.message).toMatch(says);
      expect({ code: error.code, where: error.where }).toEqual({ code: "data", where: path + where });
    });
  }

  test("wrong units say by what to multiply", () => {
    expect(refusal(() => loadReplay([written("btc.csv", cell(2, 1, "1772366400"))])).hint).toMatch(
      /seconds: multiply by 1,000/,
    );
    expect(refusal(() => loadReplay([written("btc.csv", cell(2, 1, "1772366400000000"))])).hint).toMatch(
      /µs: divide by 1,000/,
    );
  });

  test("what is put right, or is missing, is said", () => {
    const lines = ticksText().trimEnd().split("\n");
    const candles = (minutes: number[]) => openReplay([written("btc.csv", `${candleText(minutes)}\n`)]).notes;
    const ticks = (rows: readonly string[]) => openReplay([written("btc.csv", `${rows.join("\n")}\n`)]).notes;
    const secondOf = (line: string) => (Number(line.split(",")[0]) - NOON_MS) / 1_000;
    const without = lines.filter((line) => !(secondOf(line) > 60 && secondOf(line) < 150));
    expect(candles([0, 1, 2])).toEqual([]);
    expect(candles([0, 1, 4, 5, 7])).toEqual([
      "3 of 8 btc 1m candles are missing, in 2 holes, the longest 2 from 2026-03-01T12:02Z",
    ]);
    expect(openReplay([written("btc.csv", candleText([0, 1]))]).notes).toEqual([
      expect.stringMatching(/btc.csv does not end with a line break: its last row may have been cut short/),
    ]);
    const asIs = ticks(lines);
    expect(ticks(lines.toSpliced(5, 0, lines[5]!))).toEqual([
      ...asIs,
      "1 row of btc prices says what another row says, and is left out",
    ]);
    expect(ticks([lines[0]!, ...lines.slice(2, 60), lines[1]!, ...lines.slice(60)])).toContainEqual(
      expect.stringMatching(/^\d+ rows? of btc prices (was|were) received before the row above/),
    );
    expect(ticks(without).join()).toMatch(/No btc price for \d+ s in 1 hole, the longest \d+ s from 2026-03-01T12/);
  });

  test("line ends of Windows and a byte order mark change nothing", () => {
    const plain = loadReplay([written("btc.csv", `${candleText([0, 1, 2])}\n`)]);
    const other = loadReplay([written("btc.csv", `\ufeff${candleText([0, 1, 2]).replaceAll("\n", "\r\n")}\r\n`)]);
    const events = (feed: typeof plain) => [...feed.between(feed.startMs, feed.endMs!)];
    expect(events(other)).toEqual(events(plain));
  });

  test("a missing file and a directory", () => {
    expect(refusal(() => loadReplay([join(folder, "absent.csv")])).message).toMatch(/no such file/);
    expect(refusal(() => loadReplay([folder])).message).toMatch(/is a directory/);
  });

  test("files that do not go together", () => {
    expect(refusal(() => loadReplay([CANDLES, MARKETS])).where).toBe(`${MARKETS}:1:1`);
    expect(refusal(() => loadReplay([CANDLES, KLINES])).message).toMatch(/candles of 1m and 5m/);
    expect(refusal(() => loadReplay([CANDLES, CANDLES])).message).toMatch(/overlap/);
    expect(refusal(() => loadReplay([PRICES, MARKETS, MARKETS])).message).toMatch(/second time/);
    expect(refusal(() => loadReplay([])).code).toBe("usage");
  });

  test("an asset that is given goes before the name", () => {
    const path = written("prices.csv", ticksText());
    expect(loadReplay([path], { asset: "xrp" }).slots[0]).toEqual({ asset: "xrp", interval: "5m" });
  });
});

function refusal(act: () => unknown): UserError {
  try {
    act();
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error("Expected a UserError, nothing was thrown");
}

function marketRow() {
  return JSON.parse(readFileSync(MARKETS, "utf8").split("\n")[0]!);
}
