import { once } from "node:events";
import { setImmediate as breathe } from "node:timers/promises";
import type { Worker } from "node:worker_threads";
import { describe, expect, it, onTestFinished } from "vitest";
import { InThreadTypes } from "../../../engine/versions/in-thread-types.ts";
import { TypesThread } from "../../../engine/versions/types-thread.ts";
import { typeCheckContract } from "../../contract/type-check.ts";
import { holding } from "./temporary-folder.ts";

typeCheckContract("in this thread", () => new InThreadTypes());
typeCheckContract("in a thread of its own", () => new TypesThread());

describe("a type check's thread", () => {
  it("gives up a check that takes too long, and asks a new thread the next time", async () => {
    let threads = 0;
    const started = () => {
      threads += 1;
    };
    process.on("worker", started);
    const types = new TypesThread(0);
    onTestFinished(() => types.close());
    onTestFinished(() => void process.off("worker", started));
    for (const entry of ["a.ts", "b.ts"]) {
      await expect(types.check("strategies", entry, { [entry]: holding() })).rejects.toMatchObject({
        name: "UserError",
        message: `Cannot check the types of strategies/${entry}: no answer within 0 ms`,
      });
    }
    expect(threads).toBe(2);
  });

  it("lets its thread go when nothing is checked for a while, and has another for the next check", async () => {
    const threads: Worker[] = [];
    const started = (worker: Worker) => void threads.push(worker);
    process.on("worker", started);
    const types = new TypesThread(undefined, 1);
    onTestFinished(() => types.close());
    onTestFinished(() => void process.off("worker", started));
    for (const entry of ["a.ts", "b.ts"]) {
      expect(await types.check("strategies", entry, { [entry]: holding() })).toEqual([]);
      await once(threads.at(-1)!, "exit");
    }
    expect(threads.length).toBe(2);
  });

  it("rejects what it is at, what waits and what is asked of it, once it is closed", async () => {
    const types = new TypesThread();
    const check = (entry: string) =>
      expect(types.check("strategies", entry, { [entry]: holding() })).rejects.toThrow("the type check is closed");
    const asked = [check("a.ts"), check("b.ts")];
    await breathe();
    await types.close();
    await Promise.all([...asked, check("c.ts")]);
  });
});
