// What a loaded strategy declares: its params and, for given params, its inputs. The manifest is its permission list.
import type { Json } from "../base/canonical-json.ts";

export type ParamSpec =
  | {
      readonly type: "number" | "integer";
      readonly default: number;
      readonly min?: number;
      readonly max?: number;
      readonly about?: string;
    }
  | { readonly type: "boolean"; readonly default: boolean; readonly about?: string }
  | { readonly type: "choice"; readonly default: string; readonly of: readonly string[]; readonly about?: string };

export type ParamValue = number | boolean | string;
export type Params = { readonly [name: string]: ParamValue };

/** `kind` is the DSL's own name ("ta.rsi", "candles", "market.probabilityUp"); options are complete, defaults filled in. */
export interface InputSpec {
  readonly kind: string;
  readonly options: { readonly [name: string]: number | string | boolean };
}

export interface Manifest {
  readonly about: string;
  readonly params: { readonly [name: string]: ParamSpec };
  /** In declaration order: the order of the frame. */
  readonly inputs: { readonly [name: string]: InputSpec };
  /** Null when the strategy declares no memory. */
  readonly memory: { readonly initial: Json; readonly migrates: boolean } | null;
}
