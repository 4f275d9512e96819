// What a decision is told of a position, real or imagined.
export interface HeldPosition {
  readonly side: "up" | "down";
  /** 0: it was sold. */
  readonly sharesMicros: number;
  /** Cost of the shares still held, fees apart. */
  readonly costMicros: number;
  readonly openedAtMs: number;
}
