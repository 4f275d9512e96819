// Ten fields and a handful of comparisons: as little as a strategy decides by.
import { down, hold, market, overreaction, param, strategy, ta, up } from "underway";

export default strategy({
  about: "Fades moves that the oscillator calls exhausted",
  params: { trigger: param.number({ default: 2.5, min: 1, max: 6 }) },
  inputs: () => ({
    rsi: ta.rsi({ interval: "1m", period: 14 }),
    move: overreaction.moveZ({ interval: "1m", span: 3, window: 120 }),
    fair: market.probabilityUp({ window: "15m", step: "10s" }),
  }),
  decide({ rsi, move, fair }, { params, window, position }) {
    if (!move.ready || position || window.secondsLeft < 30) return hold("waiting");
    if (window.up.askSize === 0 || window.down.askSize === 0) return hold("no book");
    if (move.value > params.trigger && rsi.value > 70 && window.down.ask < 0.6) {
      return down({ probability: 1 - fair.value, reason: "overbought spike" });
    }
    if (move.value < -params.trigger && rsi.value < 30 && window.up.ask < 0.6) {
      return up({ probability: fair.value, reason: "oversold spike" });
    }
    return hold(window.spot > window.open ? "no edge, above the open" : "no edge, below the open");
  },
});
