import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkStrategies, renderCheck } from "../../../control/commands/check.ts";
import { holding, temporaryFolder } from "../../engine/versions/temporary-folder.ts";

describe("check", () => {
  it("passes the shipped strategies, and says what each reads", async () => {
    const reports = await checkStrategies({ strategiesDir: "strategies", files: [] });
    expect(reports.map(({ file }) => file)).toEqual(
      ["momentum", "overreaction", "regime", "trend"].map((name) => `strategies/${name}.ts`),
    );
    for (const { version, pure, inputs, errors } of reports) {
      expect(version).toMatch(/^[a-z]+@[0-9a-f]{8}$/);
      expect(inputs).toHaveProperty("fair.kind", "market.probabilityUp");
      expect([pure, errors]).toEqual([null, []]);
    }
    expect(renderCheck(reports, false)).toMatch(
      /^✓ strategies\/momentum\.ts {2}momentum@[0-9a-f]{8} {2}reads fair, move\n/,
    );
    expect(renderCheck(reports, false)).toMatch(/\n4 checked, all well\n$/);
  });

  it("names stage and place of every problem", async () => {
    const strategiesDir = temporaryFolder({
      "admitted.ts": holding({ body: "Date.now();" }),
      "bundled.ts": 'import "node:fs";',
      "loaded.ts": holding({ head: 'throw new Error("at once");' }),
      "types.ts": holding({ body: "const x: string = 1; void x;" }),
      "well.ts": holding(),
      "lib/other.ts": "not even TypeScript",
    });
    const reports = await checkStrategies({ strategiesDir, files: [] });
    expect(
      reports.map(({ file, version, errors }) => [
        file.slice("strategies/".length),
        version?.split("@")[0] ?? null,
        ...errors.map(({ stage, line, column }) => `${stage} ${line}:${column}`),
      ]),
    ).toEqual([
      ["admitted.ts", null, "admitted 7:5"],
      ["bundled.ts", null, "bundled 1:8"],
      ["loaded.ts", "loaded", "loaded 1:11"],
      ["types.ts", "types", "type-checked 7:11"],
      ["well.ts", "well"],
    ]);
    const text = renderCheck(reports, false);
    expect(text).toContain(
      "✗ strategies/admitted.ts\n    strategies/admitted.ts:7:5  Cannot use Date: there is no clock",
    );
    expect(text).toContain("      > 7 |     Date.now();\n          |     ^\n");
    expect(text).toMatch(/\n5 checked, 4 refused\n$/);
    expect(text).not.toContain("\x1b[");
    expect(renderCheck(reports, true)).toContain("\x1b[31m✗\x1b[0m");
  });

  it("checks just the files named, also outside the strategies folder", async () => {
    const strategiesDir = temporaryFolder({ "a.ts": holding(), "lib/b.ts": holding({ head: 'import "../a.ts";' }) });
    const elsewhere = temporaryFolder({ "c.ts": holding() }, "bots");
    const files = [join(strategiesDir, "lib/b.ts"), join(elsewhere, "c.ts"), join(elsewhere, "d.ts")];
    const reports = await checkStrategies({ strategiesDir, files });
    expect(reports.map(({ file, errors }) => [file, errors.map(({ message }) => message)])).toEqual([
      ["strategies/lib/b.ts", []],
      ["bots/c.ts", []],
      ["bots/d.ts", ["Cannot read bots/d.ts: there is no such file"]],
    ]);
  });

  it("says so when there is nothing to check", async () => {
    const strategiesDir = temporaryFolder();
    await expect(checkStrategies({ strategiesDir, files: [] })).rejects.toThrow("it holds no strategy");
  });
});
