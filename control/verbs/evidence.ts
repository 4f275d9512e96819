// The verbs of evidence: what was decided, by which code, and whether it can be shown again.

import { parseAsset, parseCount } from "../commands/run.ts";
import { DATA_DIRECTORY } from "../data-directory.ts";
import { parseInstant } from "./values.ts";
import { type AddVerb, engineOption, type Finish } from "./verb.ts";

/** Verbs that read what a bot has recorded, or rehearse on it. */
export function addEvidence(verb: AddVerb, finish: Finish): void {
  verb("dry-run <strategy>", "take a strategy through a reload up to its gate, without a bot")
    .option("--data <file...>", "recorded data to rehearse on (default: the bot's own history)", [])
    .option("--asset <name>", "whose prices they are, where the file's name does not say", parseAsset)
    .option("--against <version>", "what to compare it with (default: what runs)")
    .option("--trace <file>", "write every decision there, as NDJSON")
    .option("--strategies <folder>", "strategies folder", "strategies")
    .option("--config <file>", "configuration", "underway.config.ts")
    .option("--dir <folder>", "data directory", DATA_DIRECTORY)
    .addOption(engineOption())
    .action(async (strategy, flags) =>
      finish(await (await import("../commands/dry-run.ts")).showDryRun(strategy, flags)),
    );
  verb("diff <from> <to>", "how two versions differ, in code and in decisions")
    .option("--dir <folder>", "data directory", DATA_DIRECTORY)
    .option("--config <file>", "configuration", "underway.config.ts")
    .addOption(engineOption())
    .action(async (from, to, flags) => finish(await (await import("../commands/diff.ts")).showDiff(from, to, flags)));
  verb("versions [strategy]", "which versions there are, and what became of them")
    .option("--dir <folder>", "data directory", DATA_DIRECTORY)
    .action(async (strategy, flags) => finish((await import("../commands/versions.ts")).showVersions(strategy, flags)));
  verb("replay", "decide again what was decided, from the journal and the version store alone, and compare every byte")
    .option("--decision <id>", "one decision, BTC-5m-momentum@120431")
    .option("--trade <id>", "the decision behind a fill, an order or a position")
    .option("--cycle <N>", "all decisions of one cycle", parseCount)
    .option("--since <UTC>", "from this market time on", parseInstant)
    .option("--all", "everything, and the core itself: what it wrote must come out again")
    .option("--what-if <file>", "decide with this strategy file instead, and show what differs")
    .option("--dir <folder>", "data directory", DATA_DIRECTORY)
    .action(async (flags) => finish(await (await import("../commands/replay.ts")).showReplay(flags)));
  verb("audit [trade]", "which code made a trade, or every trade; invariants; the record by version")
    .option("--since <UTC>", "from this market time on", parseInstant)
    .option("--until <UTC>", "up to this market time", parseInstant)
    .option("--csv <file>", "write the trades there, as CSV")
    .option("--journal <file>", "write the journal there, a row a line, as NDJSON")
    .option("--html <file>", "write a page there that needs nothing else")
    .option("--dir <folder>", "data directory", DATA_DIRECTORY)
    .action(async (trade, flags) => finish(await (await import("../commands/audit.ts")).showAudit(trade, flags)));
}
