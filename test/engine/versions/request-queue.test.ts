import { describe, expect, it } from "vitest";
import { REQUESTS_WAITING_MAX, RequestQueue } from "../../../engine/versions/request-queue.ts";

/** Work that ends when it is told to. */
function held() {
  let end = (_: string) => {};
  const done = new Promise<string>((resolve) => {
    end = resolve;
  });
  return { work: () => done, end };
}

describe("a queue of requests", () => {
  it("does one at a time, in the order asked", async () => {
    const queue = new RequestQueue();
    const log: string[] = [];
    const step = (name: string) => async () => {
      log.push(`${name} starts`);
      await Promise.resolve();
      log.push(`${name} ends`);
    };
    await Promise.all(["a", "b", "c"].map((name) => queue.run(name, step(name))));
    expect(log).toEqual(["a starts", "a ends", "b starts", "b ends", "c starts", "c ends"]);
  });

  it("replaces what waits by what is newer of the same key, never what runs", async () => {
    const queue = new RequestQueue();
    const running = held();
    const log: string[] = [];
    const first = queue.run("a", running.work);
    const second = queue.run("a", async () => log.push("second"));
    const other = queue.run("b", async () => log.push("other"));
    const third = queue.run("a", async () => log.push("third"));
    running.end("first");
    expect(await first).toBe("first");
    expect(await Promise.all([second, third, other])).toEqual([1, 1, 2]);
    expect(log).toEqual(["third", "other"]);
  });

  it("goes on after one that failed", async () => {
    const queue = new RequestQueue();
    const failed = queue.run("a", () => Promise.reject(new Error("no")));
    const next = queue.run("b", async () => "yes");
    await expect(failed).rejects.toThrow("no");
    expect(await next).toBe("yes");
  });

  it("is bounded", async () => {
    const queue = new RequestQueue();
    const running = held();
    const first = queue.run("first", running.work);
    const waiting = Array.from({ length: REQUESTS_WAITING_MAX }, (_, index) =>
      queue.run(`k${index}`, async () => index),
    );
    await expect(queue.run("one more", async () => 0)).rejects.toThrow("256 requests are waiting");
    running.end("done");
    await first;
    expect(await Promise.all(waiting)).toHaveLength(REQUESTS_WAITING_MAX);
  });
});
