// What decides a slot's next entry, were nothing tried: a candidate is compared with this, and is no news when it is this.
import type { SlotId } from "../../engine/base/ids.ts";
import type { VersionFacts } from "../../engine/decide/version.ts";
import type { Engine } from "../../engine/engine.ts";

/** Null while nothing decides the slot, and nothing is about to. What waits at the gate, armed or in its canary, does not count. */
export function standingIn({ slots, receipts }: Engine, id: SlotId): VersionFacts | null {
  const slot = slots.get(id);
  if (slot === null) return null;
  const { armed, running, lastGood, settings } = slot;
  const last = receipts.of(settings.strategy);
  // From before a restart too: what it was stopped in goes on, or is taken back.
  const tried = last?.state === "gated" || last?.state === "armed" ? last : null;
  const isTried = ({ ref }: VersionFacts) => tried?.code === ref.code && tried.params.includes(ref.params);
  const isCanary = tried?.gate?.canary.includes(id) === true;
  if (armed !== null && !isTried(armed)) return armed;
  if (running !== null && !(isCanary && isTried(running))) return running;
  return lastGood[0] ?? null;
}
