// Everything a strategy may import. It is bundled into every strategy, so it must not reach the indicators: they run on the host.
export type { Asset, WindowInterval } from "./asset.ts";
export type { CandleInterval } from "./candle.ts";
export type { Candles, Input, Reading } from "./input.ts";
export { candles } from "./inputs/candles.ts";
export { funding } from "./inputs/funding.ts";
export { market } from "./inputs/market.ts";
export { momentum } from "./inputs/momentum.ts";
export { openInterest } from "./inputs/open-interest.ts";
export { overreaction } from "./inputs/overreaction.ts";
export { ta } from "./inputs/ta.ts";
export { param } from "./param.ts";
export { down, exit, hold, type Signal, up } from "./signal.ts";
export { type Context, type Position, type Quote, type Strategy, strategy, type Window } from "./strategy.ts";
