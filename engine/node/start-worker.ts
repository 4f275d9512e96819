// Starts a worker thread whose module is `entry`; inside, `bootData` gives what it was started with.
import { Worker, type WorkerOptions, workerData } from "node:worker_threads";

export interface Boot<Data> {
  readonly entry: string;
  readonly data: Data;
}

/** A thread that allocates in every cycle would keep as much room for young objects as V8 lets it have, several times this. */
const YOUNG_MB = 8;

export function startWorker<Data>(entry: URL, data: Data, options: Omit<WorkerOptions, "workerData">): Worker {
  const boot: Boot<Data> = { entry: entry.href, data };
  const resourceLimits = { maxYoungGenerationSizeMb: YOUNG_MB, ...options.resourceLimits };
  return new Worker(new URL("./worker-boot.ts", import.meta.url), { ...options, resourceLimits, workerData: boot });
}

/** Only in a worker started by `startWorker` with the same type of data. */
export const bootData = <Data>(): Data => (workerData as Boot<Data>).data;
