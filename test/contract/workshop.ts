// What every workshop does, whichever thread it works in: a saved file becomes a version that can decide, or a refusal that
// says where and why.
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { UserError } from "../../engine/base/errors.ts";
import type { CodeVersion } from "../../engine/base/ids.ts";
import type { DecisionResult } from "../../engine/decide/decision.ts";
import type { LoadedVersion } from "../../engine/decide/port.ts";
import type { Params } from "../../engine/frame/manifest.ts";
import { InThreadHost } from "../../engine/sandbox/in-thread-host.ts";
import { digestOfSources } from "../../engine/versions/code-version.ts";
import type { Prepared, SourceError, Workshop } from "../../engine/versions/port.ts";
import type { WorkshopOptions } from "../../engine/versions/workshop.ts";
import { holding, temporaryFolder, write } from "../engine/versions/temporary-folder.ts";

type Ready = Extract<Prepared, { type: "Prepared" }>;

const reasonGiven = `import { hold, param, strategy } from "underway";
export default strategy({
  about: "Says its parameter",
  params: { size: param.integer({ default: 3, min: 1, max: 9 }) },
  inputs: () => ({}),
  decide: (_, { params }) => hold("size " + params.size),
});
`;

/** What the version answers to an empty frame. */
async function reasonOf(version: LoadedVersion): Promise<string> {
  const host = await InThreadHost.create();
  await host.install(version);
  const { ref, layout, manifest } = version.facts;
  const results: DecisionResult[] = [];
  const slot = "BTC-5m-a" as never;
  const memory = JSON.stringify(manifest.memory?.initial ?? null);
  host.decide(1, [{ slot, version: ref, frame: new Float64Array(layout.size), memory }], 0, (all) =>
    results.push(...all),
  );
  const [result] = results;
  if (result?.type !== "Decided") throw new Error(`no decision: ${JSON.stringify(result)}`);
  return result.signal.reason;
}

const shown = (errors: readonly SourceError[]): string =>
  errors.map(({ file, line, column, message }) => `${file}:${line}:${column} ${message}`).join("\n");

function ready(prepared: Prepared): Ready {
  if (prepared.type === "Refused") throw new Error(`refused: ${JSON.stringify(prepared.errors)}`);
  return prepared;
}

export function workshopContract(name: string, open: (options: WorkshopOptions) => Workshop): void {
  function setUp(files: { readonly [path: string]: string }) {
    const strategiesDir = temporaryFolder(files);
    const dataDir = join(strategiesDir, "..", "data");
    const reopen = () => {
      const workshop = open({ strategiesDir, dataDir });
      onTestFinished(() => workshop.close());
      return workshop;
    };
    return { strategiesDir, dataDir, reopen, workshop: reopen() };
  }

  describe(`a workshop ${name}`, () => {
    it("makes a version of the file on disk that can decide", async () => {
      const { workshop } = setUp({ "a.ts": holding({ reason: "hello" }), "lib/x.ts": "" });
      const { artifact, loaded, timingsMs } = ready(await workshop.prepare("a", [{}]));
      expect(artifact).toMatchObject({
        strategy: "a",
        entry: "a.ts",
        sources: { "a.ts": holding({ reason: "hello" }) },
      });
      expect(loaded[0]?.facts.ref).toMatchObject({ strategy: "a", code: artifact.code, ordinal: 0 });
      expect(loaded[0]?.facts.manifest.inputs).toHaveProperty("fair.kind", "market.probabilityUp");
      expect(Object.keys(timingsMs)).toEqual(["bundled", "loaded", "stored"]);
      expect(await reasonOf(loaded[0]!)).toBe("hello");
    });

    it("loads once per distinct set of overrides, in the order asked for", async () => {
      const { workshop } = setUp({ "a.ts": reasonGiven });
      const { artifact, loaded } = ready(await workshop.prepare("a", [{ size: 5 }, {}, { size: 5 }]));
      expect(loaded.map(({ facts }) => facts.params)).toEqual([{ size: 5 }, { size: 3 }]);
      expect(await Promise.all(loaded.map(reasonOf))).toEqual(["size 5", "size 3"]);
      expect(new Set(loaded.map(({ facts }) => facts.ref.params)).size).toBe(2);
      expect(loaded.every(({ facts }) => facts.ref.code === artifact.code)).toBe(true);
    });

    it("gives the same code version for the same sources, and sees every edit", async () => {
      const { workshop, strategiesDir } = setUp({ "a.ts": holding({ reason: "one" }) });
      const first = ready(await workshop.prepare("a", [{}]));
      expect(ready(await workshop.prepare("a", [{}])).artifact).toEqual(first.artifact);
      write(strategiesDir, { "a.ts": holding({ reason: "two" }) });
      const second = ready(await workshop.prepare("a", [{}]));
      expect(second.artifact.code).not.toBe(first.artifact.code);
      expect(await reasonOf(second.loaded[0]!)).toBe("two");
    });

    it("refuses with stage and place, keeps nothing of it, and takes the next edit", async () => {
      const { workshop, strategiesDir, dataDir } = setUp({});
      const cases: readonly (readonly [string, Params, string])[] = [
        ["const = 1;", {}, 'bundled strategies/a.ts:1:7 Expected identifier but found "="'],
        ['import "node:fs";', {}, 'bundled strategies/a.ts:1:8 Cannot import "node:fs"'],
        [holding({ body: "Date.now();" }), {}, "admitted strategies/a.ts:7:5 Cannot use Date"],
        [
          "export const x = 1;",
          {},
          "loaded strategies/a.ts:1:1 TypeError: Cannot load the file: it has no default export",
        ],
        [holding({ head: 'throw new Error("at once");' }), {}, "loaded strategies/a.ts:1:11 Error: at once"],
        [holding({ head: "for (;;);" }), {}, "loaded strategies/a.ts:1:1 Cannot load the strategy: it ran out of fuel"],
        [reasonGiven, { size: 12 }, "loaded strategies/a.ts:1:1 params.size is 12, expected an integer from 1 to 9"],
        [reasonGiven, { sise: 1 }, "loaded strategies/a.ts:1:1 params.sise is unknown, expected one of size"],
      ];
      for (const [source, params, expected] of cases) {
        write(strategiesDir, { "a.ts": source });
        const prepared = await workshop.prepare("a", [params]);
        if (prepared.type === "Prepared") throw new Error(`${source} was prepared`);
        expect(`${prepared.stage} ${shown(prepared.errors)}`).toContain(expected);
        for (const kept of ["versions", "recipes"]) expect(existsSync(join(dataDir, kept))).toBe(false);
      }
      write(strategiesDir, { "a.ts": holding() });
      expect((await workshop.prepare("a", [{}])).type).toBe("Prepared");
    });

    it("gives the newest result to all who wait for the same strategy, and bundles it once", async () => {
      const { workshop, strategiesDir } = setUp({ "a.ts": holding({ reason: "one" }), "b.ts": holding() });
      const running = workshop.prepare("b", [{}]);
      const older = workshop.prepare("a", [{}]);
      write(strategiesDir, { "a.ts": holding({ reason: "two" }) });
      const newer = workshop.prepare("a", [{}]);
      expect(ready(await running).artifact.strategy).toBe("b");
      expect(await older).toBe(await newer);
      expect(await reasonOf(ready(await newer).loaded[0]!)).toBe("two");
    });

    it("restores a version from the store, without looking at the strategies", async () => {
      const { workshop, strategiesDir, reopen } = setUp({ "a.ts": reasonGiven });
      const first = ready(await workshop.prepare("a", [{ size: 4 }]));
      rmSync(strategiesDir, { recursive: true });
      const again = ready(await reopen().restore(first.artifact.code, [{ size: 4 }, { size: 6 }]));
      expect(again.artifact).toEqual(first.artifact);
      expect(again.loaded[0]?.facts).toEqual(first.loaded[0]?.facts);
      expect(await Promise.all(again.loaded.map(reasonOf))).toEqual(["size 4", "size 6"]);
    });

    it("names the file when it has no such version", async () => {
      const { workshop, dataDir } = setUp({ "a.ts": holding() });
      const code = "0".repeat(64) as CodeVersion;
      const error: unknown = await workshop.restore(code, [{}]).catch((error: unknown) => error);
      expect(error).toBeInstanceOf(UserError);
      expect(error).toMatchObject({ code: "data", where: join(dataDir, "versions", `${code}.json.gz`) });
    });

    it("evaluates a configuration to plain data", async () => {
      const source = `import { config, fixedStake } from "underway/config";
import { assets } from "./assets.ts";
export default config({
  slots: assets.map((asset) => ({ asset, interval: "5m" as const, strategy: "a" })), sizing: fixedStake("5.00"),
});`;
      const sources = { "c.ts": source, "assets.ts": 'export const assets = ["btc", "eth"] as const;' };
      const { workshop, strategiesDir } = setUp({ ...sources, "other.ts": "" });
      expect(await workshop.evaluateConfig(join(strategiesDir, "c.ts"))).toEqual({
        type: "Evaluated",
        value: {
          slots: [
            { asset: "btc", interval: "5m", strategy: "a" },
            { asset: "eth", interval: "5m", strategy: "a" },
          ],
          sizing: { type: "fixedStake", stake: "5.00" },
        },
        sources,
        digest: digestOfSources(sources),
      });
    });

    it("refuses a configuration with the place", async () => {
      const { workshop, strategiesDir } = setUp({});
      const cases: readonly (readonly [string, string])[] = [
        ['throw new Error("no");', "c.ts:1:11 Error: no"],
        ["export default { stake: Math.random() };", "c.ts:1:25 Cannot use Math.random"],
        ["export default { stake: 10n };", "c.ts:1:25 Cannot use a BigInt literal"],
        ["export default () => 1;", "c.ts:1:1 TypeError: default is a function, expected plain JSON data"],
        ["export default { a: NaN };", "c.ts:1:1 RangeError: default.a is NaN, expected a finite number"],
        ["export const x = 1;", "c.ts:1:1 TypeError: default is undefined, expected plain JSON data"],
        ['import "node:fs";', 'c.ts:1:8 Cannot import "node:fs": the configuration has no files'],
        ["export default {", "c.ts:1:17 Expected identifier but found end of file"],
      ];
      for (const [source, expected] of cases) {
        write(strategiesDir, { "c.ts": source });
        const evaluated = await workshop.evaluateConfig(join(strategiesDir, "c.ts"));
        if (evaluated.type === "Evaluated") throw new Error(`${source} was evaluated`);
        expect(shown(evaluated.errors)).toContain(expected);
      }
    });
  });
}
