// Follows short moves: leans the fair value towards the last minute's momentum, buys the side that is then worth more
// than it costs, fee included, and holds it to the end.
import { down, hold, market, momentum, param, type Quote, strategy, up } from "underway";

export default strategy({
  about: "Follows the last minute's momentum where the market has not",
  params: {
    lean: param.number({ default: 0.6, min: 0, max: 2, about: "log odds that full momentum is worth" }),
    edge: param.number({ default: 0.012, min: 0, max: 0.2, about: "least expected profit per share after the fee" }),
    lastEntry: param.integer({ default: 8, min: 5, max: 300, about: "no entry with fewer seconds left" }),
  },
  inputs: () => ({
    fair: market.probabilityUp({ window: "15m", step: "10s" }),
    move: momentum.score({ interval: "10s", span: 6, window: 90 }),
  }),
  decide({ fair, move }, { params, window, position }) {
    if (position) return hold("holding to the end");
    if (window.secondsLeft < params.lastEntry) return hold("too late to enter");
    if (!fair.ready || !move.score.ready) return hold("warming up");

    const score = move.score.value;
    const chanceUp = leaned(fair.value, params.lean * score);
    const view = `momentum ${score.toFixed(2)}, up ${chanceUp.toFixed(2)}`;
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
