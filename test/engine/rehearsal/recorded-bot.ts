// A bot that trades in a simulated market, in virtual time and this thread, and leaves a ledger behind; with what its versions
// saw on the way.
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import type { DecisionRequest } from "../../../engine/decide/decision.ts";
import type { LoadedVersion } from "../../../engine/decide/port.ts";
import type { VersionFacts } from "../../../engine/decide/version.ts";
import { SimulatedFeed } from "../../../engine/feeds/simulated/simulated-feed.ts";
import { FrameBuilder } from "../../../engine/frame/frame-builder.ts";
import type { MarketEvent } from "../../../engine/market/event.ts";
import type { SlotSettings } from "../../../engine/risk/settings.ts";
import { InThreadHost } from "../../../engine/sandbox/in-thread-host.ts";
import { MemoryJournal } from "../../../engine/venues/simulated/memory-journal.ts";
import { SimulatedExchange } from "../../../engine/venues/simulated/simulated-exchange.ts";
import { InThreadWorkshop } from "../../../engine/versions/workshop.ts";
import { CASH, openCore } from "../../support/core.ts";
import { LIMITS, settingsWith } from "../../support/settings.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const STRATEGIES = fileURLToPath(new URL("../../../strategies/", import.meta.url));
/** Between two cycles: they are every second elsewhere, and samples every ten. */
const STEP_MS = 5_000;
const SEED = 5;

export interface Deciding {
  readonly version: LoadedVersion;
  readonly slots: readonly SlotSettings[];
}

/** What a version was asked, with a frame of its own. */
interface Seen {
  readonly cycle: number;
  readonly atMs: number;
  readonly request: DecisionRequest;
  /** What somebody with other inputs would have seen. */
  readonly other: Float64Array;
}

/** Shipped strategies, loaded. */
export async function shipped(names: readonly string[]): Promise<LoadedVersion[]> {
  const workshop = new InThreadWorkshop({ strategiesDir: STRATEGIES, dataDir: temporaryFolder() });
  const versions: LoadedVersion[] = [];
  for (const name of names) {
    const prepared = await workshop.prepare(name, [{}]);
    if (prepared.type === "Refused") throw new Error(JSON.stringify(prepared.errors));
    versions.push(...prepared.loaded);
  }
  await workshop.close();
  return versions;
}

export interface RecordedBot {
  readonly dir: string;
  readonly seen: readonly Seen[];
  /** Goes on for so many milliseconds of the market. */
  run(ms: number): void;
}

export async function recordedBot(arms: readonly Deciding[], others: VersionFacts): Promise<RecordedBot> {
  const slots = arms.flatMap((arm) => arm.slots);
  const feed = new SimulatedFeed({ seed: SEED, assets: [...new Set(slots.map(({ asset }) => asset))] });
  const dir = temporaryFolder();
  const core = await openCore({ dir, settings: settingsWith({ slots }) });
  onTestFinished(() => core.close());
  const settings = { seed: SEED, openingCashMicros: CASH, resolutionDelayMs: { min: 1_000, max: 5_000 } };
  const exchange = new SimulatedExchange(settings, new MemoryJournal(), {
    report: (report) => core.post({ type: "Reported", report }),
    market: (events) => core.post({ type: "Market", events }),
  });
  core.toVenue = (command) => exchange.handle(command);
  const host = await InThreadHost.create();
  const frames = new FrameBuilder(core.engine.market);
  const seen: Seen[] = [];
  let atMs = feed.startMs;

  const show = (events: readonly MarketEvent[], nowMs: number): void => {
    exchange.observe(events);
    core.post({ type: "Market", events });
    exchange.advance(nowMs);
  };
  const look = (request: DecisionRequest): void => {
    const { asset, interval } = slots.find(({ id }) => id === request.slot)!;
    const window = core.engine.market.current(asset, interval, atMs)!;
    const position = core.engine.desk.position(request.slot, window.market.id);
    const other = new Float64Array(others.layout.size);
    frames.build(others, window, position, atMs, LIMITS.staleAfterMs, other);
    seen.push({ cycle: core.engine.cycle, atMs, request: { ...request, frame: request.frame.slice() }, other });
  };
  const cycle = (): void => {
    const fromMs = atMs;
    atMs = (Math.floor(atMs / STEP_MS) + 1) * STEP_MS;
    show([...feed.between(fromMs, atMs)], atMs);
    core.post({ type: "CycleDue", cycle: core.engine.cycle + 1, atMs });
    for (const request of core.requests) look(request);
    host.decide(core.engine.cycle, core.requests, 0, (results) =>
      core.post({ type: "DecisionsMade", cycle: core.engine.cycle, results }),
    );
  };

  show([...feed.history(atMs), ...feed.between(atMs - 1, atMs)], atMs);
  exchange.handle(core.engine.reconcileCommand());
  for (const { version, slots: own } of arms) {
    await host.install(version);
    core.arm(
      version.facts,
      own.map(({ id }) => id),
    );
  }
  return {
    dir,
    seen,
    run(ms) {
      for (const endMs = atMs + ms; atMs < endMs; ) cycle();
    },
  };
}
