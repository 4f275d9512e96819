// One clock for all threads of the process: what a worker notes, the trading thread can compare. For supervision alone.

export const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6;
