// A misspelt name never trades and never fails: before a strategy is tested on a year of prices it is checked as a save would be.
import { UserError } from "../../engine/base/errors.ts";
import { checkStrategies, placed } from "../commands/check.ts";
import { requireStrategy } from "./compiled-strategies.ts";
import type { BacktestOrder } from "./port.ts";

/** Throws a UserError, "usage" for one that is not there, "rejected" with everything that is wrong at its place. */
export async function requireSound({ strategies, strategiesDir, engine }: BacktestOrder): Promise<void> {
  for (const strategy of strategies) requireStrategy(strategy, strategiesDir);
  const reports = await checkStrategies({ strategiesDir, engine, files: strategies.map((name) => `${name}.ts`) });
  const wrong = reports.filter(({ errors }) => errors.length > 0);
  if (wrong.length === 0) return;
  const lines = wrong.flatMap(({ errors }) =>
    errors.flatMap((error) => placed(error, `${error.message} (${error.stage})`)),
  );
  throw new UserError("rejected", `Cannot test ${wrong.map(({ file }) => file).join(", ")}\n${lines.join("\n")}`);
}
