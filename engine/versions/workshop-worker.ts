// The inside of the workshop's thread: answers one request at a time, in the order asked.
import { parentPort } from "node:worker_threads";
import { assert, assertNever } from "../base/assert.ts";
import { giveWay } from "../node/give-way.ts";
import { bootData } from "../node/start-worker.ts";
import { InThreadWorkshop, type WorkshopOptions } from "./workshop.ts";
import { sendError, type WorkshopAnswer, type WorkshopRequest } from "./workshop-messages.ts";

assert(parentPort !== null, "the workshop's worker runs in a worker thread");
const port = parentPort;
giveWay();
const workshop = new InThreadWorkshop(bootData<WorkshopOptions>());

function answer(request: WorkshopRequest): Promise<unknown> {
  switch (request.type) {
    case "Prepare":
      return workshop.prepare(request.strategy, request.overrides);
    case "Restore":
      return workshop.restore(request.code, request.overrides);
    case "EvaluateConfig":
      return workshop.evaluateConfig(request.file);
    default:
      return assertNever(request);
  }
}

port.on("message", (request: WorkshopRequest) => {
  answer(request).then(
    (value) => port.postMessage({ type: "Done", value } satisfies WorkshopAnswer),
    (error: unknown) => port.postMessage({ type: "Failed", error: sendError(error) } satisfies WorkshopAnswer),
  );
});
