// A life to replay, made without a bot: versions from a workshop with a data directory, decisions of the in-thread host on frames
// drawn from a seed, as journal rows.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { canonicalJson } from "../../../engine/base/canonical-json.ts";
import type { CodeVersion, SlotId } from "../../../engine/base/ids.ts";
import type { DecisionRequest, DecisionResult } from "../../../engine/decide/decision.ts";
import type { LoadedVersion } from "../../../engine/decide/port.ts";
import type { Params } from "../../../engine/frame/manifest.ts";
import type { JournalRow, RecordedDecision } from "../../../engine/journal/port.ts";
import { DEFAULT_VARIANT, type EngineVariant } from "../../../engine/sandbox/engine-module.ts";
import { InThreadHost } from "../../../engine/sandbox/in-thread-host.ts";
import { syntheticFrame } from "../../../engine/sandbox/synthetic-frame.ts";
import { InThreadWorkshop } from "../../../engine/versions/workshop.ts";
import { write } from "../versions/temporary-folder.ts";

const SEED = 20260105;
const START_MS = Date.UTC(2026, 0, 5);

export interface Trader {
  readonly slot: string;
  readonly strategy: string;
  readonly params?: Params;
}

export class RecordedLife {
  readonly strategiesDir: string;
  readonly dir: string;
  readonly rows: JournalRow[] = [];
  readonly #traders: readonly Trader[];
  readonly #versions = new Map<string, LoadedVersion>();
  readonly #memories = new Map<string, { readonly memory: string; readonly code: CodeVersion }>();

  constructor(files: { readonly [path: string]: string }, traders: readonly Trader[]) {
    const folder = mkdtempSync(join(tmpdir(), "underway-"));
    this.strategiesDir = join(folder, "strategies");
    this.dir = join(folder, "data");
    mkdirSync(this.strategiesDir);
    write(this.strategiesDir, files);
    this.#traders = traders;
  }

  remove(): void {
    rmSync(join(this.dir, ".."), { recursive: true, force: true });
  }

  get decisions(): { readonly cycle: number; readonly decisions: readonly RecordedDecision[] }[] {
    return this.rows.flatMap(({ events }) => events.filter((event) => event.type === "Decided"));
  }

  /** Files saved before, if any; then so many cycles. */
  async live(cycles: number, engine: EngineVariant = DEFAULT_VARIANT, edits: { [path: string]: string } = {}) {
    write(this.strategiesDir, edits);
    const workshop = new InThreadWorkshop({ strategiesDir: this.strategiesDir, dataDir: this.dir, engine });
    const host = await InThreadHost.create({ variant: engine });
    for (const { slot, strategy, params = {} } of this.#traders) {
      const prepared = await workshop.prepare(strategy, [params]);
      if (prepared.type === "Refused") throw new Error(JSON.stringify(prepared.errors));
      const [version] = prepared.loaded;
      await host.install(version!);
      this.#versions.set(slot, version!);
    }
    for (let n = 0; n < cycles; n++) this.#cycle(host);
    return this;
  }

  #cycle(host: InThreadHost): void {
    const cycle = this.rows.length + 1;
    const atMs = START_MS + cycle * 1_000;
    const requests = this.#traders.map(({ slot }, n): DecisionRequest => {
      const { ref, layout, manifest } = this.#versions.get(slot)!.facts;
      const before = this.#memories.get(slot);
      const isOther = before !== undefined && before.code !== ref.code && manifest.memory !== null;
      return {
        slot: slot as SlotId,
        version: ref,
        frame: syntheticFrame(layout, SEED + n, cycle),
        memory: before?.memory ?? canonicalJson(manifest.memory?.initial ?? null),
        ...(isOther ? { migrateFrom: before.code } : {}),
      };
    });
    let results: readonly DecisionResult[] = [];
    host.decide(cycle, requests, 0, (all) => {
      results = all;
    });
    for (const result of results) {
      if (result.type === "Faulted") continue;
      this.#memories.set(result.slot, { memory: result.memory, code: result.version.code });
    }
    const decisions = requests.map((request, index) => ({ request, result: results[index]! }));
    this.rows.push({
      seq: cycle,
      cycle,
      atMs,
      hash: "",
      events: [
        { type: "CycleDue", cycle, atMs },
        { type: "Decided", cycle, decisions },
      ],
      writes: [],
    });
  }
}
