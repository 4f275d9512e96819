import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { UserError } from "../../../engine/base/errors.ts";
import { codeVersionOf, digestsOfEngine } from "../../../engine/versions/code-version.ts";
import type { Artifact } from "../../../engine/versions/port.ts";
import { VersionStore } from "../../../engine/versions/version-store.ts";
import { InThreadWorkshop } from "../../../engine/versions/workshop.ts";
import { WorkshopThread } from "../../../engine/versions/workshop-thread.ts";
import { workshopContract } from "../../contract/workshop.ts";
import { holding, temporaryFolder } from "./temporary-folder.ts";

workshopContract("in this thread", (options) => new InThreadWorkshop(options));
workshopContract("in a thread of its own", (options) => new WorkshopThread(options));

function folders() {
  const strategiesDir = temporaryFolder({ "a.ts": holding() });
  return { strategiesDir, dataDir: join(strategiesDir, "..", "data") };
}

describe("a version that was made under another DSL", () => {
  it("is built again from its stored sources, and is another version then", async () => {
    const { dataDir } = folders();
    const digests = { ...digestsOfEngine(), dsl: "0" };
    const sources = { "a.ts": holding({ reason: "old" }) };
    const code = codeVersionOf("a.ts", sources, digests);
    const old: Artifact = {
      strategy: "a",
      code,
      entry: "a.ts",
      sources,
      bundle: "throw 1",
      sourceMap: "{}",
      analysis: { places: { reads: [], thrown: [] }, stateWrites: [] },
      digests,
    };
    new VersionStore(dataDir).put(old);
    const workshop = new InThreadWorkshop({ strategiesDir: "nowhere", dataDir });
    const restored = await workshop.restore(code, [{}]);
    if (restored.type === "Refused") throw new Error("it was refused");
    expect(restored.artifact.sources).toEqual(sources);
    expect(restored.artifact.code).toBe(codeVersionOf("a.ts", sources, digestsOfEngine()));
    expect(restored.loaded[0]?.facts.ref.code).not.toBe(code);
    expect(new VersionStore(dataDir).list()).toEqual([code, restored.artifact.code].sort());
  });
});

describe("a workshop's thread", () => {
  it("gives up a request that takes too long, and answers the next one in a new thread", async () => {
    const workshop = new WorkshopThread(folders(), 0);
    onTestFinished(() => workshop.close());
    for (const request of [workshop.prepare("a", [{}]), workshop.prepare("b", [{}])]) {
      const error: unknown = await request.catch((error: unknown) => error);
      expect(error).toBeInstanceOf(UserError);
      expect((error as UserError).message).toMatch(/^Cannot load strategy [ab]: no answer within 0 ms$/);
    }
  });

  it("rejects what is asked of it, and what it is at, once it is closed", async () => {
    const workshop = new WorkshopThread(folders());
    const asked = expect(workshop.prepare("a", [{}])).rejects.toThrow("the workshop is closed");
    await workshop.close();
    await asked;
    await expect(workshop.prepare("a", [{}])).rejects.toThrow("the workshop is closed");
  });
});
