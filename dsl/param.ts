// A strategy's parameters: typed, bounded numbers and switches that an operator may change while the bot trades.

export interface NumberParam {
  readonly type: "number" | "integer";
  readonly default: number;
  readonly min?: number;
  readonly max?: number;
  readonly about?: string;
}

export interface BooleanParam {
  readonly type: "boolean";
  readonly default: boolean;
  readonly about?: string;
}

export interface ChoiceParam<T extends string> {
  readonly type: "choice";
  readonly default: T;
  readonly of: readonly T[];
  readonly about?: string;
}

export type Param = NumberParam | BooleanParam | ChoiceParam<string>;

type ParamValueOf<P> = P extends NumberParam
  ? number
  : P extends BooleanParam
    ? boolean
    : P extends ChoiceParam<infer T>
      ? T
      : never;
export type ParamValues<P> = { readonly [K in keyof P]: ParamValueOf<P[K]> };

/** The engine checks declarations when it loads the strategy, so that its message can name the parameter. */
export const param = {
  number: (options: Omit<NumberParam, "type">): NumberParam => ({ ...options, type: "number" }),
  integer: (options: Omit<NumberParam, "type">): NumberParam => ({ ...options, type: "integer" }),
  boolean: (options: Omit<BooleanParam, "type">): BooleanParam => ({ ...options, type: "boolean" }),
  choice: <const T extends string>(options: {
    readonly of: readonly T[];
    readonly default: NoInfer<T>;
    readonly about?: string;
  }): ChoiceParam<T> => ({ ...options, type: "choice" }),
};
