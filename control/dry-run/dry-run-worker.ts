// The inside of the thread of rehearsals: one job, told as it goes.
import { parentPort } from "node:worker_threads";
import { assert } from "../../engine/base/assert.ts";
import { bootData } from "../../engine/node/start-worker.ts";
import { sendError } from "../../engine/versions/workshop-messages.ts";
import { type DryRunListener, dryRun } from "./dry-run.ts";
import type { Job, Told } from "./dry-run-messages.ts";
import { diffVersions } from "./version-diff.ts";

assert(parentPort !== null, "rehearsals run in a worker thread");
const port = parentPort;
const tell = (told: Told): void => port.postMessage(told);

const listener: DryRunListener = {
  stage: (result) => tell({ type: "Stage", result }),
  walking: (fromMs, toMs, atMs) => tell({ type: "Walking", fromMs, toMs, atMs }),
  alive: () => tell({ type: "Alive" }),
};
const job = bootData<Job>();
try {
  const value = job.type === "DryRun" ? await dryRun(job.order, listener) : await diffVersions(job.order, listener);
  tell({ type: "Done", value });
} catch (error) {
  tell({ type: "Failed", error: sendError(error) });
}
