import { describe, expect, test } from "vitest";
import { ENGINE_VARIANTS } from "../../../engine/sandbox/engine-module.ts";
import { InThreadHost } from "../../../engine/sandbox/in-thread-host.ts";
import { SandboxOvertime } from "../../../engine/sandbox/instance.ts";
import { Loader } from "../../../engine/sandbox/loader.ts";
import { sandboxHostContract } from "../../contract/sandbox-host.ts";
import { decideAll, deciding, loadStrategy, outcomeOf, requestOf } from "../../support/strategy-bundle.ts";

sandboxHostContract((variant) => InThreadHost.create({ variant }));

describe.each(ENGINE_VARIANTS)("in this thread, on %s", (variant) => {
  test("without reset a pure version decides the same, to the tick, also after a fault", async () => {
    const loader = await Loader.create(variant);
    const version = await loadStrategy(
      loader,
      deciding(
        `if (window.spot === 3) throw new Error("three");
       const text = [window.spot, memory.n].map((x) => x.toFixed(2)).join();
       return hold(text, { memory: { n: window.spot } });`,
        "inputs: () => ({}), memory: { initial: { n: 0 } }",
      ),
    );
    const hosts = [await InThreadHost.create({ variant }), await InThreadHost.create({ variant, reset: false })];
    const requests = Array.from({ length: 50 }, (_, n) => requestOf(version, { spot: n }, { memory: `{"n":${n}}` }));
    const [reset, kept] = await Promise.all(
      hosts.map(async (host) => {
        await host.install(version);
        return decideAll(host, requests);
      }),
    );
    expect(kept).toEqual(reset);
    expect(outcomeOf(kept![3]!)).toBe("threw! Error: three");
  });

  test("without reset, state does outlive a decision", async () => {
    const loader = await Loader.create(variant);
    const version = await loadStrategy(loader, deciding("return hold(String(++n));", undefined, "let n = 0;"));
    const host = await InThreadHost.create({ variant, reset: false });
    await host.install(version);
    const results = await decideAll(host, [requestOf(version), requestOf(version)]);
    expect(results.map(outcomeOf)).toEqual(["hold: 1", "hold: 2"]);
  });

  test("a trap on the last bytes of memory is a fault, and nothing of it is left", async () => {
    const loader = await Loader.create(variant);
    const host = await InThreadHost.create({ variant });
    const sound = await loadStrategy(loader, deciding("return hold([window.spot, 1].join());"));
    await host.install(sound);
    const decideSound = async () => (await decideAll(host, [requestOf(sound, { spot: 7 })]))[0]!;
    const before = await decideSound();
    const kinds = new Set<string>();
    for (let layout = 0; layout < 150; layout++) {
      // Whether the engine meets its own mistake depends on where its blocks come to lie.
      const source = deciding(
        "try { for (;;) kept.push(new ArrayBuffer(4096)); } catch {} kept.length = 1; return hold('full');",
        undefined,
        `const kept = []; globalThis.pad = new ArrayBuffer(${layout * 200});`,
      );
      const version = await loadStrategy(loader, source);
      await host.install(version);
      const [result] = await decideAll(host, [requestOf(version)]);
      kinds.add(result!.type === "Decided" ? "decided" : result!.fault.kind);
      expect(await decideSound()).toEqual(before);
    }
    const met = variant === "bellard" ? ["decided", "host"] : ["decided"];
    expect([...kinds].filter((kind) => kind !== "memory").sort()).toEqual(met);
  });

  test("a decision that takes seconds of real time is none: it ends the run", async () => {
    const loader = await Loader.create(variant);
    const source = deciding("let text = 'x'; while (text.length < 2e5) text += text; while (text + 1 < text + 2);");
    const version = await loadStrategy(loader, source);
    const host = await InThreadHost.create({ variant });
    await host.install(version);
    expect(() => host.decide(1, [requestOf(version)], 1000, () => {})).toThrow(SandboxOvertime);
  });
});
