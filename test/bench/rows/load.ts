// From a bundle to a version that can decide: everything a loader does. Beside it, V8 evaluating the same bundle.
import { runInThisContext } from "node:vm";
import { ENGINE_VARIANTS } from "../../../engine/sandbox/engine-module.ts";
import { Loader } from "../../../engine/sandbox/loader.ts";
import { best, figured, timed, type Way } from "../rounds.ts";
import type { Bench, Figure } from "../row.ts";
import { orderOf } from "../subject.ts";

const BUDGET_MS = 3;

export const load: Bench = {
  name: "load",
  async run() {
    const ways: Record<string, Way> = {};
    for (const engine of ENGINE_VARIANTS) {
      const loader = await Loader.create(engine);
      const order = await orderOf("realistic", engine);
      ways[engine] = (times) => {
        for (let time = 0; time < times; time++) loader.load(order);
      };
      let evaluated = 0;
      ways.V8 = (times) => {
        // V8 keeps what it compiled: each time another text.
        for (let time = 0; time < times; time++) runInThisContext(`(() => {${order.bundle}\n})() // ${evaluated++}`);
      };
    }
    const times = timed(ways);
    const figures = ENGINE_VARIANTS.map((engine): Figure => {
      const ratios = { V8: best(times[engine]!) / best(times.V8!) };
      return { engine, ...figured(times[engine]!, 1000), ratios };
    });
    return [{ name: "load of a version", unit: "ms", budget: BUDGET_MS, figures }];
  },
};
