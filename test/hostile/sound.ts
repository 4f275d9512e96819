// The strategy that nothing is wrong with: decided beside hostile ones, it must not notice them.

export const SOUND_SOURCE = `import { candles, hold, strategy, ta } from "underway";

export default strategy({
  about: "Reads what there is and says what it saw",
  inputs: () => ({ rsi: ta.rsi({ interval: "1m" }), macd: ta.macd({ interval: "1m" }), bars: candles({ depth: 3 }) }),
  memory: { initial: { decided: 0 } },
  decide({ rsi, macd, bars }, { window, memory }) {
    const seen = [window.spot, window.open, rsi.value, rsi.at(1), macd.signal.value, ...bars.close].map((n) => n.toFixed(6));
    const order = [3, 1, 2].sort((a, b) => a - b).indexOf(3) + "a-b".replace("-", "+");
    return hold(\`\${order} \${seen.join(" ")} \${memory.decided}\`, { memory: { decided: memory.decided + 1 } });
  },
});
`;
