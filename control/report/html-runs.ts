// When which version ran, in any slot: put together from the seams, and from the trades of slots that ran before their first one.
import type { CodeVersion } from "../../engine/base/ids.ts";
import type { MadeBy, Report } from "./report.ts";

export interface Run {
  readonly ordinal: number;
  readonly code: CodeVersion;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface StrategyRuns {
  readonly strategy: string;
  /** Oldest first. */
  readonly runs: readonly Run[];
}

/** In the order in which strategies first appear. */
export function runsOf(report: Report): StrategyRuns[] {
  const changes = [...changesBySlot(report)].flatMap(([, ofSlot]) =>
    ofSlot.map(({ version, atMs }, index) => ({
      version,
      fromMs: Math.max(atMs, report.fromMs),
      toMs: Math.min(ofSlot[index + 1]?.atMs ?? report.toMs, report.toMs),
    })),
  );
  const strategies = new Set([...report.versions, ...report.seams].map(({ strategy }) => strategy));
  return [...strategies].map((strategy) => {
    const own = changes.filter(({ version, fromMs, toMs }) => version.strategy === strategy && toMs > fromMs);
    return { strategy, runs: joined(own) };
  });
}

interface Change {
  readonly version: MadeBy;
  readonly atMs: number;
}

function changesBySlot({ trades, seams, fromMs }: Report): Map<string, Change[]> {
  const bySlot = new Map<string, Change[]>();
  for (const version of seams) {
    for (const slot of version.slots) {
      const change = { version, atMs: version.atMs };
      const ofSlot = bySlot.get(slot);
      if (ofSlot === undefined) bySlot.set(slot, [change]);
      else ofSlot.push(change);
    }
  }
  const seen = new Set<string>();
  for (const trade of trades) {
    if (seen.has(trade.slot)) continue;
    seen.add(trade.slot);
    const ofSlot = bySlot.get(trade.slot) ?? [];
    // No seam came before its first trade: that version was there from the start.
    if (trade.openedAtMs < (ofSlot[0]?.atMs ?? Number.POSITIVE_INFINITY)) {
      bySlot.set(trade.slot, [{ version: trade, atMs: fromMs }, ...ofSlot]);
    }
  }
  return bySlot;
}

interface Piece {
  readonly version: MadeBy;
  readonly fromMs: number;
  readonly toMs: number;
}

/** The stretches of each version, those that touch made one, whatever the slot. */
function joined(pieces: readonly Piece[]): Run[] {
  const runs: { ordinal: number; code: CodeVersion; fromMs: number; toMs: number }[] = [];
  const last = new Map<number, (typeof runs)[number]>();
  for (const { version, fromMs, toMs } of pieces.toSorted((a, b) => a.fromMs - b.fromMs || b.toMs - a.toMs)) {
    const before = last.get(version.ordinal);
    if (before !== undefined && fromMs <= before.toMs) before.toMs = Math.max(before.toMs, toMs);
    else {
      const run = { ordinal: version.ordinal, code: version.code, fromMs, toMs };
      last.set(version.ordinal, run);
      runs.push(run);
    }
  }
  return runs;
}
