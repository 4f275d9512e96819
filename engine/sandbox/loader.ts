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
import type { BundlePlaces } from "./bundle-places.ts";
import { Decider, SEPARATOR } from "./decide.ts";
import { faultOf } from "./decision-result.ts";
import { type SandboxEngine, startEngine } from "./engine.ts";
import { readEngine } from "./engine-file.ts";
import { DEFAULT_VARIANT, type EngineVariant } from "./engine-module.ts";
import { frameReaderOf } from "./guest.ts";
import { imageOf, localImage } from "./image.ts";
import { GuestError, SandboxOvertime } from "./instance.ts";
import { type InstrumentedBundle, instrument } from "./instrumented.ts";
import { LoadError, loadErrorOf } from "./load-error.ts";
import { parseDeclaration, parseInputs } from "./manifest-check.ts";
import { initialMemory } from "./memory-start.ts";
import { DeclarationError, paramsHash, resolveParams } from "./params.ts";
import type { Recipe } from "./recipe.ts";
import { LocalSnapshots } from "./snapshot.ts";

/** One script that leaves its exports in `__strategy`, with its source map (`sourcesContent` included). */
export interface LoadableBundle {
  readonly bundle: string;
  readonly places: BundlePlaces;
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

interface Declared {
  /** Its own words. */
  readonly said: string;
  readonly manifest: Manifest;
  readonly params: Params;
  readonly layout: FrameLayout;
}

export class Loader {
  readonly #engine: SandboxEngine;
  readonly #decider: Decider;
  readonly #snapshots = new LocalSnapshots();
  #isPoisoned = false;

  static async create(variant: EngineVariant = DEFAULT_VARIANT): Promise<Loader> {
    return Loader.on(await startEngine(await readEngine(variant)));
  }

  static on(engine: SandboxEngine): Loader {
    return new Loader(engine);
  }

  private constructor(engine: SandboxEngine) {
    this.#engine = engine;
    this.#decider = new Decider(engine.instance);
  }

  /** V8 itself failed inside the sandbox: whoever loads next takes a new loader. */
  get isPoisoned(): boolean {
    return this.#isPoisoned || this.#decider.isPoisoned;
  }

  /** Throws LoadError. The version's ordinal is 0: the store gives ordinals. */
  load(order: LoadOrder): LoadedVersion {
    return this.loadWithRecipe(order).version;
  }

  /** Beside the version what it was made of: loadFromRecipe() makes the same again of it. */
  loadWithRecipe(order: LoadOrder): { readonly version: LoadedVersion; readonly recipe: Recipe } {
    // Where the numbers lie is known once the inputs are: with it the bundle is evaluated again, its reads compiled.
    const plain = instrument(order.bundle, order.places, null);
    const declared = this.#declare(order, plain, 0);
    const { manifest, params, layout } = declared;
    const compiled = instrument(order.bundle, order.places, layout);
    const runs = compiled.indices === 0 ? plain : compiled;
    return this.#explained(order, runs, () => {
      if (runs === compiled && this.#declare(order, runs, layout.size).said !== declared.said) {
        throw new DeclarationError("the file declares something else when it is evaluated once more");
      }
      const { strategy, code, file } = order;
      const { source: script, shifts } = runs;
      const frameSize = runs === compiled ? layout.size : 0;
      const names = { strategy, code, params: paramsHash(params), file };
      const recipe: Recipe = {
        ...names,
        manifest,
        values: params,
        layout,
        script,
        shifts,
        frameSize,
        frameReader: frameReaderOf(layout),
      };
      return { version: this.#sealed(recipe, order.sourceMap), recipe };
    });
  }

  /** The very version that a recipe was written of, byte for byte where this is the engine that it was written on. Throws LoadError. */
  loadFromRecipe(recipe: Recipe, sourceMap: string): LoadedVersion {
    const { guest } = this.#engine;
    const { file, script: source, shifts, frameSize, values } = recipe;
    return this.#explained({ sourceMap, file }, { shifts }, () => {
      guest.ask("describe", guest.evaluate({ source }, frameSize));
      guest.askText("configure", canonicalJson(values));
      return this.#sealed(recipe, sourceMap);
    });
  }

  /** What was evaluated and configured last. */
  #sealed({ manifest, values, layout, shifts, frameReader, ...names }: Recipe, sourceMap: string): LoadedVersion {
    const { strategy, code, params } = names;
    const origin = { sourceMap, shifts };
    const image = this.#engine.guest.seal(layout, manifest.memory !== null, origin, frameReader);
    return { facts: { ref: { strategy, code, params, ordinal: 0 }, manifest, params: values, layout }, image };
  }

  /** Evaluates a module whose default export is plain data, such as the configuration. Throws LoadError. */
  evaluate(module: LoadableBundle): Json {
    const { guest } = this.#engine;
    const code = instrument(module.bundle, module.places, null);
    return this.#explained(module, code, () => JSON.parse(guest.ask("plain", guest.evaluate(code))) as Json);
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
    if (!declared?.migrates) return { memory: initialMemory(declared) };
    const image = imageOf(version);
    const local = localImage(image, this.#snapshots);
    const answer = this.#decider.migrate(local, Buffer.from(memory), Buffer.from(from));
    if (answer.kind !== 0) return { fault: faultOf(answer, image.origin) };
    return { memory: Buffer.from(answer.text.subarray(0, answer.text.indexOf(SEPARATOR))).toString() };
  }

  #declare(order: LoadOrder, code: InstrumentedBundle, frameSize: number): Declared {
    const { guest } = this.#engine;
    return this.#explained(order, code, () => {
      const description = guest.ask("describe", guest.evaluate(code, frameSize));
      const declared = parseDeclaration(description);
      const params = resolveParams(declared.params, order.params);
      const wanted = guest.askText("configure", canonicalJson(params));
      const inputs = parseInputs(wanted);
      return { said: description + wanted, manifest: { ...declared, inputs }, params, layout: boundedLayout(inputs) };
    });
  }

  #explained<T>(
    { sourceMap, file }: Pick<LoadableBundle, "sourceMap" | "file">,
    { shifts }: Pick<InstrumentedBundle, "shifts">,
    work: () => T,
  ): T {
    try {
      return work();
    } catch (error) {
      if (error instanceof GuestError) throw loadErrorOf(error, { sourceMap, shifts }, file);
      if (isEngineFailure(error)) this.#isPoisoned = true;
      else if (!(error instanceof DeclarationError || error instanceof SandboxOvertime)) throw error;
      throw new LoadError(error.message, file, null);
    }
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

/** V8 gave up inside the module: its stack overflowed, or it met a trap. Its memory could be anything. */
const isEngineFailure = (error: unknown): error is Error =>
  error instanceof Error && (error.name === "RuntimeError" || error.message.startsWith("Maximum call stack"));
