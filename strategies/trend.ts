// Follows the trend of the last minutes, the more the stronger it is, and sells early when the market pays more than the
// position is worth.
import { down, exit, hold, market, param, type Quote, strategy, ta, up } from "underway";

export default strategy({
  about: "Follows the trend of moving averages, weighed by its strength",
  params: {
    fast: param.integer({ default: 5, min: 2, max: 30, about: "minutes of the fast average" }),
    slow: param.integer({ default: 20, min: 5, max: 120, about: "minutes of the slow average" }),
    lean: param.number({ default: 0.6, min: 0, max: 2, about: "log odds that the strongest trend is worth" }),
    edge: param.number({ default: 0.012, min: 0, max: 0.2, about: "least expected profit per share after the fee" }),
    lastEntry: param.integer({ default: 8, min: 5, max: 600, about: "no entry with fewer seconds left" }),
  },
  inputs: ({ fast, slow }) => ({
    fair: market.probabilityUp({ window: "15m", step: "10s" }),
    fast: ta.ema({ interval: "1m", period: fast }),
    slow: ta.ema({ interval: "1m", period: slow }),
    strength: ta.adx({ interval: "1m", period: 14 }),
  }),
  decide({ fair, fast, slow, strength }, { params, window, position }) {
    if (!fair.ready || !fast.ready || !slow.ready || !strength.adx.ready) return hold("warming up");
    if (position) {
      const worth = position.side === "up" ? fair.value : 1 - fair.value;
      const { bid } = window[position.side];
      const gain = bid - window.feeRate * bid * (1 - bid) - worth;
      return gain >= params.edge
        ? exit(`bid ${bid.toFixed(2)} for what is worth ${worth.toFixed(2)}`)
        : hold("holding");
    }
    if (window.secondsLeft < params.lastEntry) return hold("too late to enter");

    // An ADX of 15 is no trend, one of 40 is as strong as they come.
    const force = Math.min(1, Math.max(0, (strength.adx.value - 15) / 25));
    const chanceUp = leaned(fair.value, params.lean * force * Math.sign(fast.value - slow.value));
    const view = `${fast.value > slow.value ? "rising" : "falling"}, ADX ${strength.adx.value.toFixed(0)}, up ${chanceUp.toFixed(2)}`;
    if (edgeOf(chanceUp, window.up, window.feeRate) >= params.edge) {
      return up({ probability: chanceUp, reason: `${view} at ${window.up.ask.toFixed(2)}` });
    }
    if (edgeOf(1 - chanceUp, window.down, window.feeRate) >= params.edge) {
      return down({ probability: 1 - chanceUp, reason: `${view}, down at ${window.down.ask.toFixed(2)}` });
    }
    return hold(`no edge: ${view}`);
  },
});

/** A probability moved by so much in log odds. */
const leaned = (probability: number, by: number): number => 1 / (1 + (1 / probability - 1) * Math.exp(-by));

/** Expected profit of a share bought at the ask, taker fee paid. */
const edgeOf = (probability: number, { ask, askSize }: Quote, feeRate: number): number =>
  askSize > 0 ? probability - ask - feeRate * ask * (1 - ask) : -1;
