import { afterAll, expect, test } from "vitest";
import { CheckThread } from "../../../engine/versions/check-thread.ts";
import { holding, temporaryFolder } from "./temporary-folder.ts";

const thread = new CheckThread("bellard");
afterAll(() => thread.close());

// Natives are bounded one by one, but a loop of them spends hardly any fuel: it takes an hour.
const FOREVER = `for (const text = "\\u{1F600}".repeat(2500); ; ) encodeURIComponent(text);`;

test("a strategy that hangs when it decides, or is loaded, costs its own report", async () => {
  const root = temporaryFolder({
    "decides.ts": holding({ body: FOREVER }),
    "loads.ts": holding({ head: FOREVER }),
    "well.ts": holding(),
  });
  expect(await thread.check({ root, entry: "well.ts" })).toMatchObject({ pure: true, errors: [] });
  for (const entry of ["decides.ts", "loads.ts"]) {
    const report = await thread.check({ root, entry }, 2_000);
    expect(report).toMatchObject({ file: `strategies/${entry}`, pure: null, impure: [], inputs: null });
    expect(report.errors).toMatchObject([
      { stage: "loaded", line: 1, message: expect.stringMatching(/no answer within 2 s, it hangs/) },
    ]);
  }
  expect(await thread.check({ root, entry: "well.ts" })).toMatchObject({ pure: true, errors: [] });
});

test("a strategy that takes seconds to decide is refused, and the next is checked as ever", async () => {
  const slow = `for (const text = "x".repeat(9999); ; ) text.replace(/x/g, "yy");`;
  const root = temporaryFolder({ "slow.ts": holding({ body: slow }), "well.ts": holding() });
  expect(await thread.check({ root, entry: "slow.ts" })).toMatchObject({
    version: expect.stringMatching(/^slow@/),
    pure: null,
    errors: [
      { stage: "loaded", message: expect.stringContaining("Cannot decide with it: A strategy ran for more than") },
    ],
  });
  expect(await thread.check({ root, entry: "well.ts" })).toMatchObject({ pure: true, errors: [] });
});
