// Small recordings, and files that a test writes itself.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

const fixture = (name: string): string => new URL(`../../../fixtures/replay/${name}`, import.meta.url).pathname;
export const PRICES = fixture("chainlink-btcusd.csv");
export const MARKETS = fixture("markets.jsonl");
export const CANDLES = fixture("ethusd-1m.csv");
export const KLINES = fixture("SOLUSDT-5m-2026-03.csv");
/** 2026-03-01T12:00:00Z, the first window's open in every fixture. */
export const NOON_MS = 1_772_366_400_000;
export const MINUTE = 60_000;

export const folder = mkdtempSync(join(tmpdir(), "replay-"));
afterAll(() => rmSync(folder, { recursive: true }));
export const written = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

export function candleText(minutes: readonly number[]): string {
  const rows = minutes.map((minute) => `${NOON_MS + minute * MINUTE},100,110,95,105,1.5`);
  return ["timestamp,open,high,low,close,volume", ...rows].join("\n");
}

export function ticksText(): string {
  return readFileSync(PRICES, "utf8");
}
