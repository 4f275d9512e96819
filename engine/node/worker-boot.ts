// Where every worker thread begins: the cache of stripped and compiled modules must be on before anything else is imported,
// and it makes a thread start three times as fast.
import { enableCompileCache, flushCompileCache } from "node:module";
import { workerData } from "node:worker_threads";
import type { Boot } from "./start-worker.ts";

enableCompileCache();
await import((workerData as Boot<unknown>).entry);
// Now, for a thread that is terminated or killed would leave nothing for the next start.
flushCompileCache();
