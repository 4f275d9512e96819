import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { startWorker } from "../../../engine/node/start-worker.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const START_WORKER = new URL("../../../engine/node/start-worker.ts", import.meta.url).href;

function start(source: string, data: unknown, options = {}) {
  const entry = join(temporaryFolder(), "entry.ts");
  writeFileSync(entry, source);
  const worker = startWorker(pathToFileURL(entry), data, options);
  onTestFinished(async () => void (await worker.terminate()));
  return worker;
}

describe("a worker", () => {
  test("runs its module as TypeScript, with the data it was started with", async () => {
    const worker = start(
      `import { parentPort } from "node:worker_threads";
       import { bootData } from ${JSON.stringify(START_WORKER)};
       const { name }: { name: string } = bootData<{ name: string }>();
       parentPort!.postMessage(name.toUpperCase());`,
      { name: "momentum" },
    );
    expect(await once(worker, "message")).toEqual(["MOMENTUM"]);
  });

  test("shares memory that is handed to it", async () => {
    const cells = new Int32Array(new SharedArrayBuffer(4));
    const worker = start(
      `import { bootData } from ${JSON.stringify(START_WORKER)};
       Atomics.store(bootData<Int32Array>(), 0, 42);`,
      cells,
    );
    expect(await once(worker, "exit")).toEqual([0]);
    expect(cells[0]).toBe(42);
  });

  test("whose module fails to load says why, and ends", async () => {
    const worker = start('throw new Error("no such engine");', null);
    const code = new Promise((resolve) => worker.once("exit", resolve));
    await expect(once(worker, "message")).rejects.toThrow("no such engine");
    expect(await code).toBe(1);
  });

  test("takes a thread's options", async () => {
    const worker = start("setInterval(() => {}, 1_000);", null, { name: "store", stdout: true });
    expect(worker.threadName).toBe("store");
  });
});
