// What every type check does, whichever thread the compiler is in.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { UserError } from "../../engine/base/errors.ts";
import type { TypeCheck } from "../../engine/versions/port.ts";
import { holding } from "../engine/versions/temporary-folder.ts";

const WRONG = holding({ body: "const x: string = 1; void x;" });
const ERROR = "Type 'number' is not assignable to type 'string'. (TS2322)";
const TOO_DEEP = `export const x = ${"(".repeat(25_000)}1${")".repeat(25_000)};`;

export function typeCheckContract(name: string, open: () => TypeCheck): void {
  describe(`a type check ${name}`, () => {
    let types: TypeCheck;
    beforeAll(() => {
      types = open();
    });
    afterAll(() => types.close());

    it("finds nothing in what is well, and says where what is not", async () => {
      expect(await types.check("strategies", "a.ts", { "a.ts": holding() })).toEqual([]);
      expect(await types.check("bots", "a.ts", { "a.ts": WRONG })).toEqual([
        { file: "bots/a.ts", line: 7, column: 11, message: ERROR, frame: expect.stringContaining("> 7 |") },
      ]);
      const sources = { "lib/x.ts": 'import { config } from "underway/config";\nexport const x: string = config;\n' };
      const [error] = await types.check("", "c.ts", { ...sources, "c.ts": 'export * from "./lib/x.ts";' });
      expect(error).toMatchObject({ file: "lib/x.ts", line: 2, column: 14 });
    });

    it("does not check again what it has checked: the very verdict comes back, until a file of it changes", async () => {
      const verdict = await types.check("strategies", "a.ts", { "a.ts": WRONG });
      expect(await types.check("strategies", "b.ts", { "b.ts": holding() })).toEqual([]);
      expect(await types.check("strategies", "a.ts", { "a.ts": WRONG })).toBe(verdict);
      expect(await types.check("strategies", "a.ts", { "a.ts": holding() })).toEqual([]);
      expect(await types.check("other", "a.ts", { "a.ts": WRONG })).toMatchObject([{ file: "other/a.ts" }]);
    });

    it("gives the newest verdict to all who wait for the same entry, and each its own otherwise", async () => {
      const running = types.check("strategies", "b.ts", { "b.ts": WRONG });
      const older = types.check("strategies", "a.ts", { "a.ts": WRONG });
      const newer = types.check("strategies", "a.ts", { "a.ts": holding() });
      expect(await Promise.all([running, older, newer])).toMatchObject([[{ message: ERROR }], [], []]);
      expect(await types.check("strategies", "a.ts", { "a.ts": WRONG })).toMatchObject([{ message: ERROR }]);
    });

    it("has no verdict on what the compiler fails at, and goes on", async () => {
      const failed: unknown = await types.check("strategies", "a.ts", { "a.ts": TOO_DEEP }).catch((error) => error);
      expect(failed).toBeInstanceOf(UserError);
      expect((failed as UserError).message).toMatch(
        /^Cannot check the types of strategies\/a.ts: Maximum call stack size exceeded$/,
      );
      expect(await types.check("strategies", "a.ts", { "a.ts": WRONG })).toMatchObject([{ message: ERROR }]);
    });
  });
}
