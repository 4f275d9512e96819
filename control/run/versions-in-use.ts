// What must stay ready to decide: it trades, waits, is compared with, can be gone back to, or has a position pinned to it.
import { type VersionKey, type VersionRef, versionKey } from "../../engine/decide/version.ts";
import type { Engine } from "../../engine/engine.ts";

export function versionsInUse({ slots, desk, candidates }: Engine): Set<VersionKey> {
  const inUse = new Set<VersionKey>();
  const use = (ref: VersionRef | undefined) => ref !== undefined && inUse.add(versionKey(ref));
  for (const { running, armed, lastGood, trials } of slots.all) {
    use(running?.ref);
    use(armed?.ref);
    for (const { ref } of lastGood) use(ref);
    for (const { shadow } of trials) use(shadow?.facts.ref);
  }
  for (const ref of candidates.inUse) use(ref);
  for (const { version } of [...desk.openPositions, ...desk.liveOrders]) use(version);
  return inUse;
}
