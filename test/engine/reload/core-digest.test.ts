// The digest of the core tells of every order, position, cent and latch, and of nothing else.
import { expect, test } from "vitest";
import { coreDigest } from "../../../engine/reload/core-digest.ts";
import { SLOT, tradingCore, up } from "../../support/core.ts";
import { versionFacts } from "../../support/version-facts.ts";

test("the digest changes with orders, fills, cancels, settlements and latches, and not with a reload or a cycle", async () => {
  const core = await tradingCore();
  const digest = () => coreDigest(core.engine.desk, core.engine.latches);
  const seen: string[] = [digest()];
  const happens = (what: () => void) => {
    what();
    seen.push(digest());
  };
  happens(() => core.cycle(1, { [SLOT]: up(0.7, 0.4) }));
  happens(() => core.fill(core.lastOrder, { sharesMicros: 6_000_000 }));
  happens(() => core.cancelled(core.lastOrder.clientOrderId));
  happens(() =>
    core.post({ type: "Latched", kind: "clock-step", mode: "entries-stopped", reason: "r", atMs: core.engine.nowMs }),
  );
  happens(() => core.resolve(core.lastOrder.market, "down"));
  expect(new Set(seen).size).toBe(seen.length);
  const before = digest();
  core.cycle(2);
  core.offer(versionFacts({ code: "b" }));
  core.cycle(3);
  expect([core.asked, digest()]).toEqual(["BTC b", before]);
});
