// What the terminal can show. NO_COLOR and dumb terminals are respected by Node's own answer.

/** False when stdout is not a terminal. */
export const hasColor = (): boolean => process.stdout.isTTY === true && process.stdout.hasColors();

const COLUMNS_DEFAULT = 120;
export const columns = (): number => (process.stdout.isTTY ? process.stdout.columns : COLUMNS_DEFAULT);

/** Whoever reads our output may stop early (`logs | head`): then there is nothing left to do. */
export function endWithReader(): void {
  process.stdout.on("error", () => process.exit(0));
}
