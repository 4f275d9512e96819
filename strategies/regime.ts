// Five factors, each from -1 (down) to 1 (up), weighed into one view. A factor without data has no say: the others' weights
// are taken as the whole, and the reason tells how many spoke.
import {
  down,
  funding,
  hold,
  market,
  momentum,
  openInterest,
  overreaction,
  param,
  type Quote,
  strategy,
  up,
} from "underway";

const weight = (initial: number, about: string) => param.number({ default: initial, min: 0, max: 1, about });

export default strategy({
  about: "Weighs momentum, overreaction, trend, funding and open interest into one view",
  params: {
    momentum: weight(0.3, "weight of the last minutes' momentum"),
    overreaction: weight(0.15, "weight of spikes that should come back"),
    trend: weight(0.3, "weight of the trend's slope"),
    funding: weight(0.1, "weight of crowded funding, which is faded"),
    openInterest: weight(0.15, "weight of moves without new positions, which are faded"),
    lean: param.number({ default: 0.8, min: 0, max: 2, about: "log odds that full agreement is worth" }),
    edge: param.number({ default: 0.012, min: 0, max: 0.2, about: "least expected profit per share after the fee" }),
    lastEntry: param.integer({ default: 8, min: 5, max: 600, about: "no entry with fewer seconds left" }),
  },
  inputs: () => ({
    fair: market.probabilityUp({ window: "15m", step: "10s" }),
    momentum: momentum.score({ interval: "1m", span: 5, window: 60 }),
    overreaction: overreaction.score({ interval: "1m", span: 3, window: 120 }),
    trend: momentum.trend({ interval: "1m", period: 20 }),
    funding: funding.z({ interval: "1h", window: 90 }),
    openInterest: openInterest.divergence({ interval: "1m", window: 120 }),
  }),
  decide(readings, { params, window, position }) {
    if (position) return hold("holding to the end");
    if (window.secondsLeft < params.lastEntry) return hold("too late to enter");
    const factors = [
      { weight: params.momentum, score: readings.momentum.score.value },
      { weight: params.overreaction, score: readings.overreaction.score.value },
      { weight: params.trend, score: Math.tanh(readings.trend.value / 5) },
      { weight: params.funding, score: -Math.tanh(readings.funding.value / 2) },
      { weight: params.openInterest, score: -Math.tanh(readings.openInterest.value / 2) },
    ].filter(({ score }) => !Number.isNaN(score));
    const total = factors.reduce((sum, factor) => sum + factor.weight, 0);
    if (!readings.fair.ready || total === 0) return hold("warming up");

    const score = factors.reduce((sum, factor) => sum + factor.weight * factor.score, 0) / total;
    const chanceUp = leaned(readings.fair.value, params.lean * score);
    const view = `${factors.length}/5 factors, score ${score.toFixed(2)}, up ${chanceUp.toFixed(2)}`;
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
