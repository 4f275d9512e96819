// The ways a decision can come about. A decision is a function of code, params, frame and memory, so they may not differ in
// a bit of the signal nor in a tick of the fuel.
import { canonicalJson } from "../../engine/base/canonical-json.ts";
import type { DecisionRequest, DecisionResult } from "../../engine/decide/decision.ts";
import type { LoadedVersion } from "../../engine/decide/port.ts";
import { Decider } from "../../engine/sandbox/decide.ts";
import { resultOf } from "../../engine/sandbox/decision-result.ts";
import { startEngine } from "../../engine/sandbox/engine.ts";
import { readEngine } from "../../engine/sandbox/engine-file.ts";
import type { EngineVariant } from "../../engine/sandbox/engine-module.ts";
import { imageOf, type LocalImage, localImage } from "../../engine/sandbox/image.ts";
import { InThreadHost } from "../../engine/sandbox/in-thread-host.ts";
import { Instance } from "../../engine/sandbox/instance.ts";
import { instrument } from "../../engine/sandbox/instrumented.ts";
import type { LoadOrder } from "../../engine/sandbox/loader.ts";
import { LocalSnapshots } from "../../engine/sandbox/snapshot.ts";

export const SANDBOX_KINDS = ["fresh", "forked", "reset", "kept"] as const;
export type SandboxKind = (typeof SANDBOX_KINDS)[number];

/** A fresh sandbox stands in a new QuickJS after so many. */
const FRESH_PER_ENGINE = 100;

interface Candidate {
  readonly order: LoadOrder;
  readonly version: LoadedVersion;
}

type DecideAll = (
  candidate: Candidate,
  requests: readonly DecisionRequest[],
  variant: EngineVariant,
) => Promise<readonly DecisionResult[]>;

export const DECIDE: Readonly<Record<SandboxKind, DecideAll>> = {
  /** For every decision the bundle is evaluated anew, and decides where it was evaluated: no snapshot comes into it. */
  async fresh({ order, version: { facts } }, requests, variant) {
    const { params, layout, manifest } = facts;
    const parts = await readEngine(variant);
    const code = instrument(order.bundle, order.places, layout);
    const origin = { sourceMap: order.sourceMap, shifts: code.shifts };
    const results: DecisionResult[] = [];
    for (let first = 0; first < requests.length; first += FRESH_PER_ENGINE) {
      const { guest } = await startEngine(parts);
      const snapshots = new LocalSnapshots();
      for (const request of requests.slice(first, first + FRESH_PER_ENGINE)) {
        guest.ask("describe", guest.evaluate(code, code.indices === 0 ? 0 : layout.size));
        guest.askText("configure", canonicalJson(params));
        const evaluated = localImage(guest.seal(layout, manifest.memory !== null, origin), snapshots, true);
        results.push(decided(new Decider(guest.instance, evaluated), evaluated, request, origin));
      }
    }
    return results;
  },

  /** For every decision the snapshot is restored into an instance that nothing has ever run in. */
  async forked({ version }, requests, variant) {
    const parts = await readEngine(variant);
    const image = imageOf(version);
    const local = localImage(image, new LocalSnapshots());
    const results: DecisionResult[] = [];
    for (const request of requests) {
      results.push(decided(new Decider(await Instance.create(parts)), local, request, image.origin));
    }
    return results;
  },

  /** One instance, restored before every decision: as in a running bot. */
  reset: (candidate, requests, variant) => inThread(candidate, requests, { variant }),

  /** One instance that goes on from one decision to the next: as in virtual time. */
  kept: (candidate, requests, variant) => inThread(candidate, requests, { variant, reset: false }),
};

function decided(
  decider: Decider,
  image: LocalImage,
  request: DecisionRequest,
  origin: Parameters<typeof resultOf>[2],
): DecisionResult {
  return resultOf(request, decider.decide(image, request.frame, Buffer.from(request.memory)), origin);
}

async function inThread(
  { version }: Candidate,
  requests: readonly DecisionRequest[],
  options: Parameters<typeof InThreadHost.create>[0],
): Promise<readonly DecisionResult[]> {
  const host = await InThreadHost.create(options);
  await host.install(version);
  return new Promise((resolve) => host.decide(1, requests, 0, resolve));
}
