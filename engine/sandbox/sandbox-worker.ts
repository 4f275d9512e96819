// The thread that strategies run in: one live QuickJS, the installed versions' bytes, and nothing else. It has no
// environment, no keys, no sockets and no clock in its decisions; it can be terminated at any instant.
import { parentPort } from "node:worker_threads";
import { assert, assertNever } from "../base/assert.ts";
import { bootData } from "../node/start-worker.ts";
import { Decider } from "./decide.ts";
import { startEngine } from "./engine.ts";
import { type LocalImage, localImage, type SandboxImage } from "./image.ts";
import { monotonicMs } from "./monotonic.ts";
import { SharedCells } from "./shared-cells.ts";
import { LocalSnapshots } from "./snapshot.ts";
import type { FromWorker, ToWorker, WorkerStart } from "./worker-messages.ts";

// Nothing here asks for them; with them gone, nothing can.
for (const name of ["fetch", "WebSocket", "EventSource"]) Reflect.deleteProperty(globalThis, name);

assert(parentPort !== null, "The sandbox worker is started by the sandbox host");
const port = parentPort;
const start = bootData<WorkerStart>();
const cells = new SharedCells(start.cells);
const images = new Map<number, LocalImage>();
const snapshots = new LocalSnapshots();

const { instance } = await startEngine(start.engine);
const decider = new Decider(instance);
for (const [version, image] of start.images) install(version, image);

port.on("message", (message: ToWorker) => {
  switch (message.type) {
    case "Install":
      install(message.version, message.image);
      return say({ type: "Installed", version: message.version });
    case "Retire":
      images.delete(message.version);
      return;
    case "Decide":
      decide(message.stamp, message.count);
      return say({ type: "Decided", stamp: message.stamp });
    default:
      assertNever(message);
  }
});
say({ type: "Ready" });

function decide(stamp: number, count: number): void {
  for (let position = 0; position < count; position++) {
    if (cells.mustStop()) return;
    // What migrate() takes is not taken from the host's patience with the decision.
    const begin = () => cells.begin(position, monotonicMs());
    begin();
    const { version, frame, memory, from } = cells.requestAt(position);
    const image = images.get(version);
    assert(image !== undefined, "A version was asked to decide before it was installed");
    const answer =
      from === null ? decider.decide(image, frame, memory) : decider.decideMigrated(image, frame, memory, from, begin);
    cells.publish(position, stamp, answer);
    // A sandbox that failed is discarded with its thread: the spare takes the rest.
    if (decider.isPoisoned) process.exit();
  }
}

function install(version: number, image: SandboxImage): void {
  images.set(version, localImage(image, snapshots));
}

function say(message: FromWorker): void {
  port.postMessage(message);
}
