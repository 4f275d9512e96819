// What is rehearsed, and in which order: the newest windows first, all slots alike, and of each window first the moments that
// tell most. Where time is short, the order decides what was seen.
import { WINDOW_MS } from "../../dsl/asset.ts";
import type { LoadedVersion } from "../decide/port.ts";
import type { SlotSettings } from "../risk/settings.ts";
import type { Answers, WindowAnswers } from "./answers.ts";
import type { History } from "./history.ts";
import { REHEARSED_WINDOWS, type RehearsalOrder } from "./port.ts";
import type { RecordedWindow } from "./recorded-window.ts";

/** A window of one slot, with what is to decide it and what does. */
export interface Scene {
  readonly slot: SlotSettings;
  readonly window: RecordedWindow;
  /** Rows it had when this began: a window that is still open goes on. */
  readonly length: number;
  /** Which of the candidate's versions it is. */
  readonly arm: number;
  readonly candidate: LoadedVersion;
  readonly after: WindowAnswers;
  /** Null where nothing decides. */
  readonly running: { readonly version: LoadedVersion; readonly before: WindowAnswers } | null;
}

/** A recorded moment that a slot is to decide. */
export interface Occasion {
  readonly scene: Scene;
  readonly row: number;
  readonly atMs: number;
}

/** Spreads any number of consecutive windows evenly over their length. */
const GOLDEN_SHARE = (Math.sqrt(5) - 1) / 2;

export class Plan {
  /** The newest of all slots first, then those before them, and so on. */
  readonly scenes: readonly Scene[];
  /** Moments there are. */
  readonly occasions: number;
  readonly windowsWanted: number;

  constructor(order: RehearsalOrder, history: History, answersOf: (version: LoadedVersion) => Answers) {
    const running = new Map(
      order.against.flatMap(({ version, slots }) => slots.map(({ id }) => [id, version] as const)),
    );
    const wanted = Math.min(order.windows, REHEARSED_WINDOWS);
    const bySlot = order.candidate.flatMap(({ version: candidate, slots }, arm) =>
      slots.map((slot) => {
        const version = running.get(slot.id);
        const windows = history.windows(slot.asset, slot.interval).slice(-wanted).reverse();
        const answers = answersOf(candidate);
        const others = version === undefined ? null : { version, answers: answersOf(version) };
        return windows.flatMap((window): Scene[] => {
          if (window.length === 0) return [];
          const before = others && { version: others.version, before: others.answers.of(slot.id, window) };
          const after = answers.of(slot.id, window);
          return [{ slot, window, length: window.length, arm, candidate, after, running: before }];
        });
      }),
    );
    const ages = Array.from({ length: Math.max(0, ...bySlot.map((scenes) => scenes.length)) }, (_, age) => age);
    this.scenes = ages.flatMap((age) => bySlot.flatMap((scenes) => scenes[age] ?? []));
    this.occasions = this.scenes.reduce((sum, { length }) => sum + length, 0);
    this.windowsWanted = wanted * bySlot.length;
  }

  /** One moment of each window, and then those other ones at which its slot acted. */
  sampled(): Occasion[] {
    const first: Occasion[] = [];
    const more: Occasion[] = [];
    for (const scene of this.scenes) {
      const acted = scene.window.actedRows(scene.slot.id, scene.length);
      const spread = spreadRow(scene);
      const rows = acted.includes(spread) ? acted : [...acted, spread];
      for (const [n, row] of rows.entries()) (n === 0 ? first : more).push(occasion(scene, row));
    }
    return [...first, ...more];
  }

  /** Those that the candidate has not answered when their turn comes. */
  *rest(): Generator<Occasion> {
    for (const scene of this.scenes) {
      for (let row = 0; row < scene.length; row++) if (!scene.after.isKnown(row)) yield occasion(scene, row);
    }
  }
}

const occasion = (scene: Scene, row: number): Occasion => ({ scene, row, atMs: scene.window.atMs(row) });

function spreadRow({ window: { market }, length }: Scene): number {
  const share = (market.openMs / WINDOW_MS[market.interval]) * GOLDEN_SHARE;
  return Math.floor((share - Math.floor(share)) * length);
}
