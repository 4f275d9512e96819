// A trader that never stops by itself: it says on stdout what it is about to send, and every report it got, until it is killed.
import type { ClientOrderId } from "../../../../engine/base/ids.ts";
import { marketId } from "../../../../engine/base/ids.ts";
import { E18 } from "../../../../engine/market/market.ts";
import type { VenueOrder } from "../../../../engine/venues/port.ts";
import { SimulatedExchange } from "../../../../engine/venues/simulated/simulated-exchange.ts";
import { VenueFile } from "../../../../engine/venues/simulated/venue-file.ts";
import { market, OPEN_MS, order, SETTINGS, STRIKE, tick } from "./world.ts";

const say = (line: unknown): boolean => process.stdout.write(`${JSON.stringify(line)}\n`);

const exchange = new SimulatedExchange({ ...SETTINGS, openingCashMicros: 10 ** 12 }, new VenueFile(process.argv[2]!), {
  report: (report) => say({ report }),
  market: () => {},
});
for (let window = 0; window < 1_000; window++) {
  const openMs = OPEN_MS + window * 300_000;
  const listed = market({ id: marketId("btc", "5m", openMs), openMs, closeMs: openMs + 300_000 });
  exchange.observe([
    { type: "MarketListed", market: listed },
    { type: "StrikeSet", market: listed.id, strikeE18: BigInt(STRIKE) * E18 },
  ]);
  for (let second = 0; second < 300; second++) {
    const atMs = openMs + second * 1_000;
    exchange.observe([tick(atMs, STRIKE + 30 * Math.sin(second / 9))]);
    exchange.advance(atMs);
    if (second % 4 === 0) {
      const sent: VenueOrder = order({
        clientOrderId: `BTC-5m-crash/${openMs / 1_000}/${second}/entry` as ClientOrderId,
        market: listed.id,
        side: second % 8 === 0 ? "up" : "down",
        limitMicros: 400_000 + 10_000 * (second % 30),
        timeInForce: second % 12 === 0 ? "GTC" : "FAK",
      });
      say({ sent });
      exchange.handle({ type: "Submit", order: sent });
    }
  }
  exchange.observe([tick(listed.closeMs, STRIKE + 1)]);
  exchange.handle({ type: "Claim", market: marketId("btc", "5m", openMs - 300_000) });
}
