// The same strategy in the same QuickJS, asked the way sandboxes are usually asked: a JSON text in, a JSON text out.
import { canonicalJson } from "../../engine/base/canonical-json.ts";
import type { Signal } from "../../engine/decide/decision.ts";
import type { VersionFacts } from "../../engine/decide/version.ts";
import { startEngine } from "../../engine/sandbox/engine.ts";
import { readEngine } from "../../engine/sandbox/engine-file.ts";
import type { EngineVariant } from "../../engine/sandbox/engine-module.ts";
import { instrument } from "../../engine/sandbox/instrumented.ts";
import type { LoadOrder } from "../../engine/sandbox/loader.ts";
import { viewOf } from "./subject.ts";

const ANSWER = `(module) => {
  const { parse, stringify } = JSON;
  const { decide } = module.default;
  return (text) => {
    const { readings, params, window, position } = parse(text);
    return stringify(decide(readings, { params, window, position }));
  };
}`;

/** Values and readiness of what is declared cross, no history: only what these strategies read. */
export async function throughJson(
  order: LoadOrder,
  { layout, params }: VersionFacts,
  engine: EngineVariant,
): Promise<(frame: Float64Array) => Signal> {
  const { guest } = await startEngine(await readEngine(engine));
  const { instance } = guest;
  const module = guest.evaluate(instrument(order.bundle, order.places, null));
  guest.ask("describe", module);
  guest.askText("configure", canonicalJson(params));
  const { context, explain } = guest.seal(layout, false, { sourceMap: "", shifts: [] });
  const answer = instance.call(context, instance.evaluate(context, ANSWER, "json.js", explain), [module], explain);
  const own = new Float64Array(layout.size);
  const view = { ...viewOf(layout, own), params };
  return (frame) => {
    own.set(frame);
    instance.refuel();
    const text = instance.newString(context, JSON.stringify(view));
    const said = instance.takeString(context, instance.call(context, answer, [text], explain));
    instance.quickJs._QTS_FreeValuePointer(context, text);
    return JSON.parse(said) as Signal;
  };
}
