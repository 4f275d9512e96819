// Fades spikes: a move that is large for its time and that volume does not confirm is expected to come back in part.
// It waits until the spike has turned, so it remembers the peak.
import { down, exit, hold, market, overreaction, param, type Quote, strategy, up } from "underway";

export default strategy({
  about: "Fades half-minute spikes that volume does not confirm, once they turn",
  params: {
    trigger: param.number({ default: 1.5, min: 0.5, max: 6, about: "size of a spike, in standard deviations" }),
    turn: param.number({ default: 0.85, min: 0.5, max: 1, about: "part of its peak to which a spike must come back" }),
    confirmed: param.number({ default: 2, min: 0.5, max: 10, about: "relative volume from which a spike is believed" }),
    lean: param.number({ default: 0.4, min: 0, max: 2, about: "log odds that a spike of twice the trigger is worth" }),
    edge: param.number({ default: 0.012, min: 0, max: 0.2, about: "least expected profit per share after the fee" }),
    lastEntry: param.integer({ default: 8, min: 5, max: 300, about: "no entry with fewer seconds left" }),
  },
  inputs: () => ({
    fair: market.probabilityUp({ window: "15m", step: "10s" }),
    spike: overreaction.moveZ({ interval: "10s", span: 3, window: 120, forming: true }),
    volume: overreaction.relativeVolume({ interval: "10s", period: 30 }),
  }),
  memory: { initial: { peak: 0 } },
  decide({ fair, spike, volume }, { params, window, position, memory }) {
    if (!fair.ready || !spike.ready) return hold("warming up");
    if (position) {
      const worth = position.side === "up" ? fair.value : 1 - fair.value;
      const { bid } = window[position.side];
      const gain = bid - window.feeRate * bid * (1 - bid) - worth;
      return gain >= params.edge
        ? exit(`bid ${bid.toFixed(2)} for what is worth ${worth.toFixed(2)}`)
        : hold("holding");
    }
    if (window.secondsLeft < params.lastEntry) return hold("too late to enter");

    const z = spike.value;
    const grows = z * memory.peak <= 0 || Math.abs(z) >= Math.abs(memory.peak);
    const peak = Math.abs(z) < params.trigger / 2 ? 0 : grows ? z : memory.peak;
    const kept = { memory: { peak } };
    if (Math.abs(peak) < params.trigger) return hold(`calm: ${z.toFixed(1)} deviations`, kept);
    if (z / peak > params.turn) return hold(`a spike of ${peak.toFixed(1)} deviations, not turned yet`, kept);
    if (volume.ready && volume.value >= params.confirmed) return hold("volume confirms the spike", kept);

    const chanceUp = leaned(fair.value, (-params.lean * peak) / (2 * params.trigger));
    const view = `spike of ${peak.toFixed(1)} turned, up ${chanceUp.toFixed(2)}`;
    if (edgeOf(chanceUp, window.up, window.feeRate) >= params.edge) {
      return up({ probability: chanceUp, reason: `${view} at ${window.up.ask.toFixed(2)}`, ...kept });
    }
    if (edgeOf(1 - chanceUp, window.down, window.feeRate) >= params.edge) {
      return down({ probability: 1 - chanceUp, reason: `${view}, down at ${window.down.ask.toFixed(2)}`, ...kept });
    }
    return hold(`no edge: ${view}`, kept);
  },
});

/** A probability moved by so much in log odds. */
const leaned = (probability: number, by: number): number => 1 / (1 + (1 / probability - 1) * Math.exp(-by));

/** Expected profit of a share bought at the ask, taker fee paid. */
const edgeOf = (probability: number, { ask, askSize }: Quote, feeRate: number): number =>
  askSize > 0 ? probability - ask - feeRate * ask * (1 - ask) : -1;
