// The inside of the type check's thread: one answer for each order. What throws ends the thread, which tells whoever waits.
import { parentPort } from "node:worker_threads";
import { assert } from "../base/assert.ts";
import { giveWay } from "../node/give-way.ts";
import { TypeChecker } from "./type-check.ts";
import type { TypeOrder } from "./type-verdicts.ts";

assert(parentPort !== null, "the type check's worker runs in a worker thread");
const port = parentPort;
giveWay();
const checker = await TypeChecker.create();
// The DSL and the library are parsed now, not when the first save waits for it.
checker.check("", "empty.ts", {
  "empty.ts":
    'import { hold, strategy } from "underway";\n' +
    'export default strategy({ about: "Warms up", inputs: () => ({}), decide: () => hold("") });\n',
});

port.on("message", ({ folder, entry, sources }: TypeOrder) => {
  port.postMessage(checker.check(folder, entry, sources));
});
