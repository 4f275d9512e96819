// One of several threads that go through the same candles at once: a run for each message.
import { parentPort, workerData } from "node:worker_threads";
import type { EngineVariant } from "../../engine/sandbox/engine-module.ts";
import { spotLanes } from "./spot-lane.ts";

const { kept } = await spotLanes(workerData as EngineVariant);
parentPort!.on("message", () => parentPort!.postMessage(kept().equityMicros));
parentPort!.postMessage("ready");
