// What is in force: the configuration with control.json laid over it. An absent key means the configuration's value.
import type { SlotId } from "../../engine/base/ids.ts";
import { MICROS } from "../../engine/base/micros.ts";
import type { OperatorCommand } from "../../engine/event.ts";
import type { Params } from "../../engine/frame/manifest.ts";
import { parsePromotion } from "../../engine/reload/promotion.ts";
import type { ReloadSettings, Settings } from "../../engine/risk/settings.ts";
import type { Control } from "../control-schema.ts";

export function layControl(settings: Settings, control: Control | null): Settings {
  if (control === null) return settings;
  const strategies = Object.entries(control.strategies ?? {});
  const slots = Object.entries(control.slots ?? {});
  const params = new Map(strategies.map(([name, { params: given }]) => [name, (given ?? {}) as Params]));
  return {
    ...settings,
    mode: control.mode ?? settings.mode,
    scalePpm: control.sizing?.scale === undefined ? settings.scalePpm : Math.round(control.sizing.scale * MICROS),
    slots: settings.slots.map((slot) => ({ ...slot, params: { ...slot.params, ...params.get(slot.strategy) } })),
    reload: layReload(settings.reload, strategies),
    disabledStrategies: withSwitches(settings.disabledStrategies, strategies),
    disabledSlots: withSwitches(
      settings.disabledSlots,
      slots as [SlotId, { readonly enabled?: boolean | undefined }][],
    ),
  };
}

function layReload(
  settings: ReloadSettings,
  strategies: readonly (readonly [string, NonNullable<Control["strategies"]>[string]])[],
): ReloadSettings {
  const promotions = new Map(settings.promotions);
  const pins = new Map(settings.pins);
  for (const [name, { promotion, pin }] of strategies) {
    const parsed = parsePromotion(promotion ?? "");
    if (parsed !== null) promotions.set(name, parsed);
    if (typeof pin === "string") pins.set(name, pin);
  }
  return { ...settings, promotions, pins };
}

function withSwitches<T>(
  disabled: ReadonlySet<T>,
  switches: readonly (readonly [T, { readonly enabled?: boolean | undefined }])[],
): Set<T> {
  const result = new Set(disabled);
  for (const [name, { enabled }] of switches) {
    if (enabled === false) result.add(name);
    else if (enabled === true) result.delete(name);
  }
  return result;
}

export const commandsOf = (control: Control): OperatorCommand[] =>
  (control.commands ?? []).map((command) =>
    command.kind === "close-position" ? { ...command, slot: command.slot as SlotId } : command,
  );
