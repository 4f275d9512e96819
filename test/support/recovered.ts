// What a store gives a bot that has never run before.
import type { Recovered } from "../../engine/store/port.ts";

export const NOTHING_RECOVERED: Recovered = {
  meta: [],
  lastCycle: null,
  lastBotState: null,
  versions: [],
  activations: [],
  memories: [],
  orders: [],
  fills: [],
  positions: [],
  markets: [],
  balances: [],
  lastTransferId: 0,
  candles: [],
  latches: [],
  control: null,
  commands: [],
  receipts: [],
  lastReceiptNumber: 0,
  openAlarms: [],
  lastAlarmId: 0,
};
