// Branded ids: two strings of different kinds never pass for each other. The makers live beside the rule that forms them.

declare const brand: unique symbol;
type Branded<T, Name extends string> = T & { readonly [brand]: Name };

/** `BTC-5m-momentum`: asset, interval, strategy. */
export type SlotId = Branded<string, "SlotId">;
/** Polymarket's slug, `btc-updown-5m-1780876500` (unix seconds of the window's open). */
export type MarketId = Branded<string, "MarketId">;
/** Names one intent for ever: `BTC-5m-momentum/1780876500/120431/entry`. */
export type ClientOrderId = Branded<string, "ClientOrderId">;
/** The venue's name of one fill; fills are deduplicated by it. */
export type TradeId = Branded<string, "TradeId">;
/** sha256 (64 hex digits) over everything that decides: sources, DSL, indicators, compiler options, WASM. */
export type CodeVersion = Branded<string, "CodeVersion">;
/** sha256 (64 hex digits) over the canonical JSON of resolved params. */
export type ParamsHash = Branded<string, "ParamsHash">;

export type Leg = "entry" | "exit" | "flatten";

export const slotId = (asset: string, interval: string, strategy: string): SlotId =>
  `${asset.toUpperCase()}-${interval}-${strategy}` as SlotId;

export const marketId = (asset: string, interval: string, openMs: number): MarketId =>
  `${asset}-updown-${interval}-${openMs / 1000}` as MarketId;

export const clientOrderId = (slot: SlotId, windowOpenMs: number, cycle: number, leg: Leg): ClientOrderId =>
  `${slot}/${windowOpenMs / 1000}/${cycle}/${leg}` as ClientOrderId;

/** `momentum@3f9a2c1e`: how people name a code version. */
export const shortVersion = (strategy: string, code: CodeVersion): string => `${strategy}@${code.slice(0, 8)}`;
