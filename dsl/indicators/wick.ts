// Rejected prices: the shares of a candle's range above and below its body, 0 … 1; 0 where there is no range.
import { defineIndicator } from "./define-indicator.ts";
import type { Indicator } from "./indicator.ts";

export function wick(): Indicator {
  return defineIndicator({
    outputs: ["upper", "lower"],
    warmup: 1,
    parts: {},
    step({ open, high, low, close }, out) {
      const range = high - low;
      out[0] = range === 0 ? 0 : (high - Math.max(open, close)) / range;
      out[1] = range === 0 ? 0 : (Math.min(open, close) - low) / range;
    },
  });
}
