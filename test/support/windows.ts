// Whole windows on the core, from the first cycle to the settlement: what trials and probations count.

import type { MarketId, SlotId } from "../../engine/base/ids.ts";
import type { ReloadSettings } from "../../engine/risk/settings.ts";
import { aMarket, aTick, NOON, STRIKE } from "./a-market.ts";
import { aQuote } from "./a-quote.ts";
import { type Answers, type Core, tradingCore } from "./core.ts";
import { aSlot, reloadWith, settingsWith } from "./settings.ts";
import { versionFacts } from "./version-facts.ts";

export const A = versionFacts({ code: "a" });
export const B = versionFacts({ code: "b" });
export const C = versionFacts({ code: "c" });
export const ETH = "ETH-5m-momentum" as SlotId;

/** A decides BTC and ETH, in the first second of the noon window. */
export async function reloadCore(policy: string, changes: Partial<ReloadSettings> = {}, facts = A): Promise<Core> {
  const settings = settingsWith({ slots: [aSlot("btc"), aSlot("eth")], reload: reloadWith(policy, changes) });
  const core = await tradingCore({ settings }, facts);
  openWindow(core, 0);
  return core;
}

const WINDOW_S = 300;
/** The first cycle of a window, and one later on, after the window before has settled. */
const ACT_S = 10;
const SETTLE_S = 5;

export interface WindowPlay {
  readonly outcome?: "up" | "down";
  /** What decides, and what sits beside, say once, ten seconds into the window. Otherwise all hold. */
  readonly live?: Answers;
  readonly beside?: Answers;
  /** Ask of both sides, USDC; the bid is a cent lower. */
  readonly ask?: number;
  /** Between what was said and the close. */
  readonly meanwhile?: () => void;
}

/** Second after noon at which the n-th window opens. */
export const opensAt = (n: number): number => n * WINDOW_S;

/** The first cycle of the n-th window: without it, it was not seen from its start. */
export function openWindow(core: Core, n: number): void {
  core.listWindows(NOON + opensAt(n) * 1_000);
  core.listWindows(NOON + opensAt(n + 1) * 1_000);
  core.cycle(opensAt(n));
}

/** Plays the n-th window, which is open, to its settlement in the first seconds of the next one. What is bought is filled. */
export function playWindow(core: Core, n: number, play: WindowPlay = {}): void {
  const { outcome = "up", live, beside, ask = 0.51, meanwhile } = play;
  const level = { bidMicros: Math.round(ask * 1e6) - 10_000, askMicros: Math.round(ask * 1e6) };
  core.feed(opensAt(n) + ACT_S, STRIKE, (atMs) => aQuote(atMs, level, level));
  core.begin(opensAt(n) + ACT_S);
  const sent = core.submitted.length;
  core.decide(live, beside);
  for (const order of core.submitted.slice(sent)) core.fill(order, { priceMicros: level.askMicros });
  meanwhile?.();
  closeWindow(core, n, outcome);
}

/** From the close of the n-th window to its settlement, while the next one has begun. */
export function closeWindow(core: Core, n: number, outcome: "up" | "down" = "up"): void {
  const openMs = NOON + opensAt(n) * 1_000;
  const closeMs = openMs + WINDOW_S * 1_000;
  const price = outcome === "up" ? STRIKE + 10 : STRIKE - 10;
  core.listWindows(closeMs);
  core.listWindows(closeMs + WINDOW_S * 1_000);
  const assets = new Set(core.engine.settings.slots.map(({ asset }) => asset));
  for (const asset of assets) core.post({ type: "Market", events: [aTick(closeMs, price, { asset })] });
  core.begin(opensAt(n + 1));
  core.decide();
  core.begin(opensAt(n + 1) + SETTLE_S);
  core.decide();
  for (const asset of assets) settle(core, aMarket({ asset, openMs }).id, outcome);
}

/** The venue resolves the market, and pays what was won. */
function settle(core: Core, market: MarketId, outcome: "up" | "down"): void {
  core.resolve(market, outcome);
  const resolution = core.engine.desk.claims.of(market);
  if (resolution?.claim !== "requested") return;
  const { amountMicros } = resolution;
  core.post({ type: "Reported", report: { type: "Claimed", market, amountMicros, atMs: core.engine.nowMs } });
}

/** Windows one after the other, each played alike. Returns the number of the next one. */
export function playWindows(core: Core, from: number, count: number, play: WindowPlay = {}): number {
  for (let n = from; n < from + count; n++) playWindow(core, n, play);
  return from + count;
}
