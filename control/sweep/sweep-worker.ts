// The thread of a sweep, over the real backtests.
import { assert } from "../../engine/base/assert.ts";
import { DiskFolder } from "../../engine/versions/source-folder.ts";
import { makeArtifact } from "../../engine/versions/workshop.ts";
import { serveTrials } from "./serve-trials.ts";

await serveTrials({
  open: async (order) =>
    order.market === "updown"
      ? (await import("../backtest/updown.ts")).openUpdownBacktest(order)
      : (await import("../backtest/spot.ts")).openSpotBacktest(order),
  codeOf: async ({ strategiesDir, strategies: [strategy], engine }) => {
    assert(strategy !== undefined, "a sweep is of one strategy");
    return (await makeArtifact(new DiskFolder(strategiesDir), `${strategy}.ts`, engine)).code;
  },
});
