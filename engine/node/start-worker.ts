// Starts a worker thread whose module is `entry`; inside, `bootData` gives what it was started with.
import { Worker, type WorkerOptions, workerData } from "node:worker_threads";

export interface Boot<Data> {
  readonly entry: string;
  readonly data: Data;
}

export function startWorker<Data>(entry: URL, data: Data, options: Omit<WorkerOptions, "workerData">): Worker {
  const boot: Boot<Data> = { entry: entry.href, data };
  return new Worker(new URL("./worker-boot.ts", import.meta.url), { ...options, workerData: boot });
}

/** Only in a worker started by `startWorker` with the same type of data. */
export const bootData = <Data>(): Data => (workerData as Boot<Data>).data;
