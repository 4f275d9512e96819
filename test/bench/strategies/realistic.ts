// Fifteen fields, arithmetic on all of them and a reason that is built from numbers: what strategies are usually like.
import { down, hold, market, overreaction, param, strategy, ta, up } from "underway";

export default strategy({
  about: "Weighs trend, oscillator and move, and buys what is then worth more than it costs",
  params: { edge: param.number({ default: 0.02, min: 0, max: 0.2 }) },
  inputs: () => ({
    fast: ta.ema({ interval: "1m", period: 9 }),
    slow: ta.ema({ interval: "1m", period: 21 }),
    rsi: ta.rsi({ interval: "1m", period: 14 }),
    atr: ta.atr({ interval: "1m", period: 14 }),
    move: overreaction.moveZ({ interval: "1m", span: 3, window: 120 }),
    fair: market.probabilityUp({ window: "15m", step: "10s" }),
  }),
  decide({ fast, slow, rsi, atr, move, fair }, { params, window, position }) {
    if (!fast.ready || !slow.ready || !rsi.ready || !atr.ready || !move.ready || !fair.ready) return hold("warming up");
    if (position) return hold("holding");
    if (window.secondsLeft < 30 || window.up.askSize === 0 || window.down.askSize === 0) return hold("no market");

    const trend = (fast.value - slow.value) / atr.value;
    const distance = (window.spot - window.open) / atr.value;
    const score = 0.4 * trend + 0.2 * distance + 0.3 * (rsi.value / 50 - 1) - 0.1 * move.value;
    const chanceUp = Math.min(0.99, Math.max(0.01, fair.value + score / 10));
    const view = `score ${score.toFixed(2)}, trend ${trend.toFixed(2)}, up ${chanceUp.toFixed(3)}`;
    const fee = (price: number) => window.feeRate * price * (1 - price);
    if (chanceUp - window.up.ask - fee(window.up.ask) > params.edge) {
      return up({ probability: chanceUp, limit: window.up.ask, reason: `${view} at ${window.up.ask.toFixed(2)}` });
    }
    if (1 - chanceUp - window.down.ask - fee(window.down.ask) > params.edge) {
      return down({ probability: 1 - chanceUp, limit: window.down.ask, reason: `${view}, down` });
    }
    return hold(`no edge: ${view}`);
  },
});
