// What the operator allows in tests: one BTC slot, 5 USDC a trade, and limits that are far away.
import type { Asset, WindowInterval } from "../../dsl/asset.ts";
import { slotId } from "../../engine/base/ids.ts";
import { type Promotion, parsePromotion } from "../../engine/reload/promotion.ts";
import type { ReloadSettings, RiskLimits, Settings, SlotSettings } from "../../engine/risk/settings.ts";
import { UNIT } from "./a-market.ts";

export const LIMITS: RiskLimits = {
  perSlotMicros: 25 * UNIT,
  perAssetMicros: 50 * UNIT,
  totalMicros: 400 * UNIT,
  dailyLossMicros: 60 * UNIT,
  ordersPerMinute: 60,
  staleAfterMs: 3_000,
  minEdgeMicros: 10_000,
  collarMicros: 50_000,
};

export const RELOAD: ReloadSettings = {
  promotion: { type: "auto" },
  promotions: new Map(),
  probationWindows: 36,
  rehearsalWindowsMin: 0,
  onReload: "pin",
  pins: new Map(),
};

export const reloadWith = (policy: string, changes: Partial<ReloadSettings> = {}): ReloadSettings => ({
  ...RELOAD,
  promotion: parsePromotion(policy) as Promotion,
  ...changes,
});

export const aSlot = (asset: Asset = "btc", strategy = "momentum", interval: WindowInterval = "5m"): SlotSettings => ({
  id: slotId(asset, interval, strategy),
  asset,
  interval,
  strategy,
  params: {},
});

export const settingsWith = (changes: Partial<Settings> = {}): Settings => ({
  mode: "active",
  slots: [aSlot()],
  disabledSlots: new Set(),
  disabledStrategies: new Set(),
  sizing: { type: "fixedStake", stakeMicros: 5 * UNIT },
  scalePpm: 1_000_000,
  risk: LIMITS,
  reload: RELOAD,
  ...changes,
});
