// What most people backtest first: one oscillator, two thresholds.
import { exit, hold, strategy, ta, up } from "underway";

export default strategy({
  about: "Buys what is oversold and sells what is overbought",
  inputs: () => ({ rsi: ta.rsi({ interval: "1m", period: 14 }) }),
  decide({ rsi }) {
    if (!rsi.ready) return hold("warming up");
    if (rsi.value < 30) return up({ probability: 0.55, reason: "oversold" });
    return rsi.value > 70 ? exit("overbought") : hold("nothing to do");
  },
});
