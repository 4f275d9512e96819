// The inside of the rehearsal's thread: one request at a time, in the order asked. While nobody asks it reads on in the ledger,
// so that the next rehearsal finds its history there.
import { parentPort } from "node:worker_threads";
import { assert, assertNever } from "../base/assert.ts";
import { messageOf, UserError } from "../base/errors.ts";
import { giveWay } from "../node/give-way.ts";
import { bootData } from "../node/start-worker.ts";
import { History } from "./history.ts";
import type { RehearsalOptions } from "./in-thread-rehearsal.ts";
import { LedgerReader } from "./ledger-reader.ts";
import type { RehearsalAnswer, RehearsalRequest } from "./rehearsal-messages.ts";
import type { RehearsalRun } from "./rehearsal-run.ts";
import { Rehearser } from "./rehearser.ts";

/** How long a new request may have to wait for the rest of an older one. */
const SLICE_MS = 20;
/** While nobody asks, it reads this often. */
const READ_ON_MS = 15_000;

assert(parentPort !== null, "the rehearsal's worker runs in a worker thread");
const port = parentPort;
giveWay();
const { dir, engine } = bootData<RehearsalOptions>();
const history = new History();
const reader = new LedgerReader(dir, history);
const rehearser = new Rehearser({ engine, history, refresh: () => reader.refresh() });
const runs = new Map<number, RehearsalRun>();

async function answer(request: Exclude<RehearsalRequest, { type: "End" }>): Promise<RehearsalAnswer> {
  switch (request.type) {
    case "Begin": {
      const { run, report } = await rehearser.begin(request.order);
      runs.set(request.id, run);
      return { type: "Begun", report, isOver: run.isOver };
    }
    case "GoOn": {
      const run = runs.get(request.id);
      assert(run !== undefined, `Rehearsal ${request.id} goes on, and never began`);
      return { type: "WentOn", report: await rehearser.goOn(run, SLICE_MS) };
    }
    default:
      return assertNever(request);
  }
}

port.on("message", async (request: RehearsalRequest) => {
  if (request.type === "End") {
    const run = runs.get(request.id);
    runs.delete(request.id);
    if (run !== undefined) rehearser.end(run);
    return;
  }
  const done = await answer(request).catch(
    (error: unknown): RehearsalAnswer => ({
      type: "Failed",
      message: messageOf(error),
      code: error instanceof UserError ? error.code : null,
    }),
  );
  port.postMessage(done);
});

function readOn(): void {
  try {
    rehearser.refresh();
  } catch {
    // Whoever rehearses next is told.
  }
}

readOn();
setInterval(readOn, READ_ON_MS).unref();
