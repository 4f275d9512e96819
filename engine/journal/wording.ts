// Splits a text like "momentum 0.21, up 0.45" into its wording, "momentum 0.0, up 0.0", and the numbers in it. A zero in a
// wording stands for a run of digits, for other digits there are none.

/** A longer run is several: each must be exact as a number. */
const RUN_DIGITS_MAX = 15;
const RUNS = /\d{1,15}/g;

/** How many runs are shorter than one of so many digits: "7" and "07" are told apart by their places in one row of all runs. */
const SHORTER: readonly number[] = Array.from({ length: RUN_DIGITS_MAX + 1 }, (_, digits) =>
  digits === 0 ? 0 : (10 ** digits - 10) / 9,
);

export function wordingOf(text: string): { readonly wording: string; readonly numbers: readonly number[] } {
  const numbers: number[] = [];
  const wording = text.replace(RUNS, (run) => {
    numbers.push(SHORTER[run.length]! + Number(run));
    return "0";
  });
  return { wording, numbers };
}

export function phraseOf(wording: string, next: () => number): string {
  return wording.replaceAll("0", () => {
    const number = next();
    let digits = 1;
    while (digits < RUN_DIGITS_MAX && number >= SHORTER[digits + 1]!) digits += 1;
    return String(number - SHORTER[digits]!).padStart(digits, "0");
  });
}
