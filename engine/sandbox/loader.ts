// Turns a bundle into a version that can decide: evaluates it, checks what it declares, resolves its params, lays out its
// frame and keeps the bytes of the sandbox that results. Synchronous, and it takes milliseconds: it works beside the
// trading thread, never in it.
import { INPUT_KINDS } from "../../dsl/indicators/registry.ts";
import { canonicalJson, type Json } from "../base/canonical-json.ts";
import type { CodeVersion } from "../base/ids.ts";
import type { Fault } from "../decide/decision.ts";
import type { LoadedVersion } from "../decide/port.ts";
import { FRAME_DOUBLES_MAX, type FrameLayout, layoutOf } from "../frame/layout.ts";
import type { Manifest, Params } from "../frame/manifest.ts";
import { Decider, SEPARATOR } from "./decide.ts";
import { faultOf } from "./decision-result.ts";
import { type SandboxEngine, startEngine } from "./engine.ts";
import { imageOf } from "./image.ts";
import { GuestError, SandboxOvertime } from "./instance.ts";
import { LoadError, loadErrorOf } from "./load-error.ts";
import { parseDeclaration, parseInputs } from "./manifest-check.ts";
import { DeclarationError, paramsHash, resolveParams } from "./params.ts";

/** One script that leaves its exports in `__strategy`, with its source map (`sourcesContent` included). */
export interface LoadableBundle {
  readonly bundle: string;
  readonly sourceMap: string;
  /** The entry as people know it, `strategies/momentum.ts`: named where an error has no place of its own. */
  readonly file: string;
}

export interface LoadOrder extends LoadableBundle {
  readonly strategy: string;
  readonly code: CodeVersion;
  /** Overrides of declared params. */
  readonly params: Params;
}

export class Loader {
  readonly #engine: SandboxEngine;
  readonly #decider: Decider;

  static async create(): Promise<Loader> {
    return new Loader(await startEngine());
  }

  private constructor(engine: SandboxEngine) {
    this.#engine = engine;
    this.#decider = new Decider(engine.instance, { reset: true });
  }

  /** Throws LoadError. The version's ordinal is 0: the store gives ordinals. */
  load(order: LoadOrder): LoadedVersion {
    const { guest } = this.#engine;
    return explained(order, () => {
      const declared = parseDeclaration(guest.ask("describe", guest.evaluate(order.bundle)));
      const params = resolveParams(declared.params, order.params);
      const inputs = parseInputs(guest.askText("configure", canonicalJson(params)));
      const layout = boundedLayout(inputs);
      const manifest = { ...declared, inputs };
      const ref = { strategy: order.strategy, code: order.code, params: paramsHash(params), ordinal: 0 };
      const image = guest.seal(layout, manifest.memory !== null, order.sourceMap);
      return { facts: { ref, manifest, params, layout }, image };
    });
  }

  /** Evaluates a module whose default export is plain data, such as the configuration. Throws LoadError. */
  evaluate(module: LoadableBundle): Json {
    const { guest } = this.#engine;
    return explained(module, () => JSON.parse(guest.ask("plain", guest.evaluate(module.bundle))) as Json);
  }

  /**
   * The memory that `version` starts from where another version, named `from`, remembered `memory` (JSON): what its
   * migrate() makes of it, `initial` when it has none, "null" when it declares no memory.
   */
  migrate(
    version: LoadedVersion,
    memory: string,
    from: string,
  ): { readonly memory: string } | { readonly fault: Fault } {
    const declared = version.facts.manifest.memory;
    if (!declared?.migrates) return { memory: canonicalJson(declared?.initial ?? null) };
    const image = imageOf(version);
    const answer = this.#decider.migrate(image, memory, from);
    const separator = answer.text.indexOf(SEPARATOR);
    if (answer.kind !== 0) return { fault: faultOf(answer, image.sourceMap) };
    return { memory: Buffer.from(answer.text.subarray(0, separator)).toString() };
  }
}

function boundedLayout(inputs: Manifest["inputs"]): FrameLayout {
  const layout = layoutOf(inputs, (kind) => INPUT_KINDS[kind]!.outputs);
  if (layout.size > FRAME_DOUBLES_MAX) {
    throw new DeclarationError(
      `inputs need a frame of ${layout.size} numbers, expected at most ${FRAME_DOUBLES_MAX}: declare less history or depth`,
    );
  }
  return layout;
}

function explained<T>(source: LoadableBundle, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof GuestError) throw loadErrorOf(error, source.sourceMap, source.file);
    if (error instanceof DeclarationError || error instanceof SandboxOvertime || isEngineFailure(error)) {
      throw new LoadError(error.message, source.file, null);
    }
    throw error;
  }
}

/** V8 gave up inside the module: its stack overflowed, or it met a trap. The next load starts from a clean copy. */
const isEngineFailure = (error: unknown): error is Error =>
  error instanceof Error && (error.name === "RuntimeError" || error.message.startsWith("Maximum call stack"));
