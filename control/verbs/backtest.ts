// The verbs of virtual time: the same engine over recorded prices, once or many times.
import { Option } from "commander";
import { parseAsset, parseCount } from "../commands/run.ts";
import { collectParam, parseInstant, parseMoney, parseShare } from "./values.ts";
import { type AddVerb, engineOption, type Finish } from "./verb.ts";

const DEFAULT_TRIALS = 100;

export function addBacktest(verb: AddVerb, finish: Finish): void {
  const overData = (name: string, description: string) =>
    verb(name, description)
      .requiredOption("--data <file...>", "recorded prices, markets or candles; or a bot's data directory")
      .option("--asset <name>", "whose prices they are, where the file's name does not say", parseAsset)
      .addOption(
        new Option("--market <kind>", "windows that settle up or down, or the asset itself, long or flat")
          .choices(["updown", "spot"])
          .default("updown"),
      )
      .option("--from <UTC>", "from this market time on", parseInstant)
      .option("--to <UTC>", "up to this market time", parseInstant)
      .option("--fee <rate>", "spot: fee as a share of what is traded, 0.001", parseShare)
      .option("--cash <USDC>", "what it starts with (default: as configured; spot: 10000)", parseMoney)
      .option("--size <N>", "spot: units bought at a time; up/down: stake, USDC", parseMoney)
      .option(
        "--daily-loss <USDC>",
        "up/down: loss of a day at which entries stop (default: as configured)",
        parseMoney,
      )
      .option("--seed <N>", "seed of the simulated exchange", parseCount)
      .option("--strategies <folder>", "strategies folder", "strategies")
      .option("--config <file>", "configuration, for sizing and risk", "underway.config.ts")
      .option("--no-batch", "put the sandbox back before every decision: slower, the same result")
      .addOption(engineOption());
  overData("backtest <strategies...>", "trade recorded prices in virtual time with the engine that trades live")
    .option("--params <k=v...>", "override declared params", collectParam, {})
    .option("--out <file>", "write a page there that needs nothing else")
    .action(async (strategies, flags) =>
      finish(await (await import("../commands/backtest.ts")).runBacktest(strategies, flags)),
    );
  overData("sweep <strategy>", "try declared params, ranked, with walk-forward splits")
    .option("--params <k=a:b:step|a,b,c...>", "the grid: values of declared params (default: each param's range)")
    .option(
      "--trials <N>",
      "at most so many; a larger grid is drawn from at random, by --seed",
      parseCount,
      DEFAULT_TRIALS,
    )
    .option("--splits <N>", "walk-forward splits", parseCount, 4)
    .option("--resume <file>", "keep finished trials there, and go on from it after a kill")
    .action(async (strategy, flags) => finish(await (await import("../commands/sweep.ts")).runSweep(strategy, flags)));
}
