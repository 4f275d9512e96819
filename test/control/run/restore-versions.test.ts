import { describe, expect, test } from "vitest";
import { restoreVersions } from "../../../control/run/restore-versions.ts";
import type { CodeVersion, SlotId } from "../../../engine/base/ids.ts";
import type { Params } from "../../../engine/frame/manifest.ts";
import type { ActivationRow } from "../../../engine/store/tables.ts";
import type { Workshop } from "../../../engine/versions/port.ts";
import { versionFacts, versionRef } from "../../support/version-facts.ts";

const row = (slot: string, code: string, size: number, changes: Partial<ActivationRow> = {}): ActivationRow => ({
  ...versionRef({ code, params: String(size) }),
  cycle: 1,
  slot: slot as SlotId,
  paramsJson: `{"size":${size}}`,
  atMs: 0,
  ...changes,
});

/** Restores what the rows name from a version store that holds everything but "f", and whose "e" does not load any more. */
async function restore(rows: readonly ActivationRow[], quarantined: readonly ActivationRow[] = []) {
  const asked: string[] = [];
  const unused = () => Promise.reject(new Error("The strategies folder is not looked at"));
  const workshop: Workshop = {
    prepare: unused,
    evaluateConfig: unused,
    close: async () => {},
    restore: async (code: CodeVersion, overrides: readonly Params[]) => {
      asked.push(`${code[0]} ${JSON.stringify(overrides)}`);
      if (code[0] === "f") throw new Error("versions/f.json is not there");
      if (code[0] === "e") {
        const error = { file: "momentum.ts", line: 1, column: 1, message: "no such input", frame: null };
        return { type: "Refused", strategy: "momentum", stage: "loaded", errors: [error] };
      }
      const built = code[0] === "d" ? "a" : code[0]!; // Under the present DSL "d" is rebuilt, and is another code.
      const loaded = overrides.map(({ size }) => ({
        facts: versionFacts({ code: built, params: String(size), ordinal: 0 }),
        image: null,
      }));
      const artifact = {
        strategy: "momentum",
        code: loaded[0]!.facts.ref.code,
        entry: "",
        sources: {},
        bundle: "",
        sourceMap: "",
        analysis: { places: { reads: [], thrown: [] }, stateWrites: [] },
        digests: {},
      };
      return { type: "Prepared", artifact, loaded, timingsMs: {} };
    },
  };
  const ordinals: Record<string, number> = { a: 14, b: 3 };
  const restored = await restoreVersions(
    rows,
    workshop,
    (_strategy, code) => ordinals[code[0]!]!,
    (row) => (quarantined.includes(row) ? "it is quarantined" : null),
  );
  const names = restored.loaded.map(({ facts: { ref } }) => `${ref.code[0]}${ref.params[0]} v${ref.ordinal}`);
  const short = (key: string) => `${key[0]}${key.split(":")[1]![0]}`;
  const became = [...restored.became].map(([from, to]) => `${short(from)} ${short(to)}`);
  return { asked, names, became, lost: restored.lost };
}

describe("what decided before a restart", () => {
  test("is loaded once per code and params, with the ordinal it always had", async () => {
    const { asked, names, lost } = await restore([
      row("s1", "a", 1),
      row("s2", "a", 2),
      row("s3", "a", 1),
      row("s1", "b", 1),
    ]);
    expect(asked).toEqual(['a [{"size":1},{"size":2}]', 'b [{"size":1}]']);
    expect(names).toEqual(["a1 v14", "a2 v14", "b1 v3"]);
    expect(lost).toEqual([]);
  });

  test("is what its stored sources make under the DSL of today", async () => {
    const { names, became } = await restore([row("s1", "d", 1), row("s2", "b", 2)]);
    expect(names).toEqual(["a1 v14", "b2 v3"]);
    expect(became).toEqual(["d1 a1", "b2 b2"]);
  });

  test("and is quarantined is not even loaded, while its code goes on with other params", async () => {
    const rows = [row("s1", "a", 1), row("s2", "a", 2), row("s3", "b", 1)];
    const { asked, names, became, lost } = await restore(rows, [rows[0]!, rows[2]!]);
    expect(asked).toEqual(['a [{"size":2}]']);
    expect([names, became]).toEqual([["a2 v14"], ["a2 a2"]]);
    expect(lost.map(({ code, message }) => `${code[0]} ${message}`)).toEqual([
      "a Not resumed: it is quarantined",
      "b Not resumed: it is quarantined",
    ]);
  });

  test("that cannot be had again is named, with the reason, and takes nothing else with it", async () => {
    const { names, lost } = await restore([
      row("s1", "f", 1),
      row("s2", "e", 1),
      row("s3", "b", 1, { paramsJson: "{" }),
      row("s4", "a", 1),
    ]);
    expect(names).toEqual(["a1 v14"]);
    expect(lost.map(({ message }) => message)).toEqual([
      "Version ffffffff cannot be resumed: versions/f.json is not there",
      "Version eeeeeeee cannot be resumed: no such input",
      expect.stringMatching(/^Version bbbbbbbb cannot be resumed: .*JSON/),
    ]);
  });
});
