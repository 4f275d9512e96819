// Whatever happens in whatever order, to candidates, canaries and what runs: the rules of a reload hold at every boundary.
import fc from "fast-check";
import { expect, test } from "vitest";
import { coreDigest } from "../../../engine/reload/core-digest.ts";
import { mayFollow, type ReceiptState } from "../../../engine/reload/receipt.ts";
import { aFaultyReport, aReport } from "../../support/a-receipt.ts";
import { type Answer, type Core, hold, SLOT, up } from "../../support/core.ts";
import { versionFacts } from "../../support/version-facts.ts";
import { closeWindow, ETH, opensAt, reloadCore } from "../../support/windows.ts";

const VERSIONS = { a: versionFacts({ code: "a" }), b: versionFacts({ code: "b" }), c: versionFacts({ code: "c" }) };
const POLICIES = [
  "auto",
  "approve",
  "shadow:1 -> approve",
  "shadow:1",
  "canary:1/1",
  "canary:2/1",
  "shadow:1 -> canary:1/1 -> approve",
  "canary:1/1 -> approve -> shadow:1",
];
/** Of a window, which is closed before it ends. */
const SECONDS_MAX = 280;

const version = fc.constantFrom("a" as const, "b" as const, "c" as const);
const said = fc.constantFrom<Answer>(hold, hold, up(), "fault", "hung", "overdue");
const answers = fc.record({ [SLOT]: said, [ETH]: said });
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("cycle" as const), live: answers, beside: answers }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("window" as const), outcome: fc.constantFrom("up", "down") }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("offer" as const),
      version,
      isComplete: fc.constantFrom(true, true, false),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("command" as const),
      kind: fc.constantFrom("approve", "approve", "reject", "promote", "rollback"),
      other: fc.option(version, { freq: 5 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("refuse" as const), version }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("save what runs" as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("rehearsed" as const), isSound: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("clear" as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("restart" as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer Each> ? Each : never;

const SEEN: { [what: string]: number } = {};

class Run {
  core: Core;
  readonly #states = new Map<string, ReceiptState>();
  readonly #policy: string;
  #window = 0;
  #second = 0;
  #written = 0;
  #ended = 0;
  /** Slots went back to what each of them ran before: until the next candidate they need not be alike. */
  #isApart = false;

  constructor(core: Core, policy: string) {
    this.core = core;
    this.#policy = policy;
  }

  get #waiting() {
    return this.core.engine.candidates.waiting("momentum");
  }

  async take(step: Step): Promise<void> {
    const { core } = this;
    switch (step.do) {
      case "cycle":
        return this.#cycle(step.live, step.beside);
      case "window":
        closeWindow(core, this.#window, step.outcome as "up");
        this.#window += 1;
        this.#second = 5;
        this.#check();
        return;
      case "offer":
        core.offer(VERSIONS[step.version], { rehearsal: aReport({ complete: step.isComplete }) });
        return this.#cycle();
      case "refuse":
        core.refuse(VERSIONS[step.version]);
        return this.#cycle();
      case "save what runs":
        core.post({ type: "CandidateSuperseded", strategy: "momentum", by: "what runs, saved again" });
        return this.#cycle();
      case "rehearsed": {
        const receipt = this.#waiting?.receipt.id ?? core.engine.candidates.onProbation("momentum")?.receipt.id;
        if (receipt === undefined) return;
        core.post({ type: "RehearsalCompleted", receipt, report: step.isSound ? aReport() : aFaultyReport() });
        return this.#cycle();
      }
      case "command":
        return this.#command(step.kind as "approve", step.other ?? null);
      case "clear": {
        const [latch] = core.engine.latches.standing;
        if (latch === undefined) return;
        core.command({ kind: "clear-latch", latch: `${latch.kind}:${latch.scope}`, reason: "looked at it" });
        return this.#cycle();
      }
      case "restart":
        this.core = await core.restart();
        this.#written = 0;
        this.#ended = 0;
        this.core.reconcile();
        this.core.resume(...Object.values(VERSIONS));
        this.#saw("restarts");
    }
  }

  #command(kind: "approve" | "reject" | "promote" | "rollback", other: keyof typeof VERSIONS | null): void {
    const named = this.#waiting?.receipt;
    const code = other === null ? (named?.code ?? "none") : VERSIONS[other].ref.code;
    const params = named?.params.join("+") ?? "none";
    const isNamed = kind === "approve" || kind === "reject";
    const strategy = "momentum";
    const effect = this.core.command(isNamed ? { kind, strategy, code, params } : { kind, strategy });
    this.#cycle();
    if (!effect().startsWith("refused: ")) this.#saw(kind);
  }

  #cycle(live = {}, beside = {}): void {
    if (this.#second >= SECONDS_MAX) return;
    const { core } = this;
    const { engine } = core;
    this.#second += 1;
    const second = opensAt(this.#window) + this.#second;
    const [cycle, atMs] = [engine.cycle + 1, engine.nowMs - (engine.nowMs % 300_000) + this.#second * 1_000];
    core.feed(second);
    core.post({ type: "CycleOpened", cycle, atMs });
    const before = coreDigest(engine.desk, engine.latches);
    core.post({ type: "BoundaryDue", cycle, atMs });
    expect(coreDigest(engine.desk, engine.latches)).toBe(before);
    core.post({ type: "CycleDue", cycle, atMs });
    this.#check();
    const sent = core.submitted.length;
    core.decide(live, beside);
    for (const order of core.submitted.slice(sent)) core.fill(order);
  }

  #check(): void {
    const { engine, requests, shadows } = this.core;
    const { bars, slots, candidates, receipts, desk } = engine;
    const [waiting, active] = [this.#waiting, candidates.onProbation("momentum")];
    // One version a slot, and none that is barred but to end what it began.
    expect(new Set(requests.map(({ slot }) => slot)).size).toBe(requests.length);
    for (const { slot, version } of requests) {
      const held = [...desk.openPositions, ...desk.liveOrders];
      const isPinned = held.some((each) => each.slot === slot && each.version.code === version.code);
      expect(isPinned ? bars.isQuarantined(version) : bars.has(version), `${slot} ${version.code[0]}`).toBe(false);
    }
    for (const { version } of shadows) expect(bars.has(version), `beside ${version.code[0]}`).toBe(false);
    for (const { running, armed, lastGood, trials } of slots.all) {
      for (const facts of [running, armed, ...lastGood]) if (facts !== null) expect(bars.has(facts.ref)).toBe(false);
      expect(armed).toBeNull();
      // A slot stands still only when there is nothing to go back to.
      if (running === null) expect(lastGood).toEqual([]);
      for (const { candidacy } of trials) expect([waiting, active]).toContain(candidacy);
    }
    // What is under way is known to be, or was left by a restart.
    const left = receipts.interrupted("momentum")?.id ?? null;
    const underway = new Set(receipts.underway.map(({ id }) => id));
    expect(underway).toEqual(new Set([waiting?.receipt.id ?? left, active?.receipt.id].filter((id) => id != null)));
    expect(waiting?.receipt.state ?? "gated").toBe("gated");
    this.#checkReceipts();
    this.#checkAlike();
  }

  #checkReceipts(): void {
    const rows = this.core.rows("receipts");
    for (const { id, state, body } of rows.slice(this.#written)) {
      const before = this.#states.get(id);
      const to = state as ReceiptState;
      const isRestarted = before === "armed" && to === "gated";
      if (before !== undefined && before !== to && !isRestarted)
        expect(mayFollow(before, to), `${id}: ${before} to ${to}`).toBe(true);
      this.#states.set(id, to);
      if (before === to) continue;
      this.#saw(to);
      const { coreBefore, coreAfter, approvedBy, gate } = JSON.parse(body);
      if (to !== "active") continue;
      this.#isApart = false;
      expect(coreBefore).toBe(coreAfter);
      if (gate.policy.includes("approve")) expect(approvedBy).toBe("ops");
      expect(gate.policy).toBe(this.#policy);
    }
    this.#written = rows.length;
  }

  /** All slots but those of a canary run the same. */
  #checkAlike(): void {
    const { engine, log } = this.core;
    const { slots, receipts } = engine;
    const canary = this.#waiting?.canary ?? receipts.interrupted("momentum")?.gate?.canary ?? [];
    const codes = [...slots.all].map(({ settings, running }) => [settings.id, running?.ref.code[0]] as const);
    const others = new Set(codes.filter(([id]) => !canary.includes(id)).map(([, code]) => code));
    if (canary.length > 0) this.#saw("canaries");
    const ended = log.filter(({ event }) => event === "version.quarantined" || event === "reload.rolled-back").length;
    if (ended > this.#ended) this.#isApart = true;
    this.#ended = ended;
    if (!this.#isApart) expect(others.size, codes.join(" ")).toBeLessThanOrEqual(1);
  }

  #saw(what: string): void {
    SEEN[what] = (SEEN[what] ?? 0) + 1;
  }
}

test("no two versions in a slot, none that is barred, no receipt that goes back or is forgotten, and the core untouched", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...POLICIES),
      fc.array(step, { minLength: 15, maxLength: 40, size: "max" }),
      async (policy, steps) => {
        const run = new Run(await reloadCore(policy, { probationWindows: 1 }, VERSIONS.a), policy);
        for (const each of steps) await run.take(each);
        await run.core.close();
      },
    ),
    { numRuns: 50 },
  );
  for (const what of ["active", "permanent", "rejected", "superseded", "rolled-back", "canaries", "restarts"])
    expect(SEEN[what] ?? 0, what).toBeGreaterThan(0);
  for (const kind of ["approve", "reject", "promote", "rollback"]) expect(SEEN[kind] ?? 0, kind).toBeGreaterThan(0);
});
