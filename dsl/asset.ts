// The 16 slots' coordinates: 8 assets × two window lengths.

export const ASSETS = ["btc", "eth", "sol", "xrp", "doge", "bnb", "hype", "zec"] as const;
export type Asset = (typeof ASSETS)[number];

export const WINDOW_INTERVALS = ["5m", "15m"] as const;
/** The length of one up/down market's life. */
export type WindowInterval = (typeof WINDOW_INTERVALS)[number];

export const WINDOW_MS: Record<WindowInterval, number> = { "5m": 300_000, "15m": 900_000 };

export const isAsset = (text: string): text is Asset => (ASSETS as readonly string[]).includes(text);

/** Open of the window that contains `atMs`; windows are `[open, close)` on the UTC grid. */
export const windowOpenMs = (atMs: number, interval: WindowInterval): number =>
  Math.floor(atMs / WINDOW_MS[interval]) * WINDOW_MS[interval];
