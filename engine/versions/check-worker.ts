// The inside of the check's thread: one report for each order. What throws is a bug and ends the thread, which tells whoever waits.
import { parentPort } from "node:worker_threads";
import { assert } from "../base/assert.ts";
import { bootData } from "../node/start-worker.ts";
import type { CheckOrder, CheckStart } from "./check-thread.ts";
import { DiskFolder } from "./source-folder.ts";
import { StrategyCheck } from "./strategy-check.ts";

assert(parentPort !== null, "the check's worker runs in a worker thread");
const port = parentPort;
const strategies = StrategyCheck.create(bootData<CheckStart>().engine);

port.on("message", async ({ root, entry }: CheckOrder) => {
  port.postMessage(await (await strategies).check(new DiskFolder(root), entry));
});
