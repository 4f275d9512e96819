// "Did you mean …?": the known name closest to what somebody typed.

/** Closest of `known` by edit distance, when it is close enough to be a typing mistake; null otherwise. */
function nearest(typed: string, known: Iterable<string>): string | null {
  let best: string | null = null;
  let bestDistance = Math.max(2, Math.floor(typed.length / 3)) + 1;
  for (const name of known) {
    const distance = editDistance(typed.toLowerCase(), name.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [name, distance];
  }
  return best;
}

/** The end of an error message: ` (did you mean "scale"?)`, or nothing. */
export function didYouMean(typed: string, known: Iterable<string>): string {
  const name = nearest(typed, known);
  return name === null ? "" : ` (did you mean ${JSON.stringify(name)}?)`;
}

const LISTED_MAX = 8;

/** The same, or what there is to choose from when that is not much: `: expected trigger, span`. */
export function didYouMeanOneOf(typed: string, known: Iterable<string>): string {
  const names = [...known];
  const choice = names.length === 0 || names.length > LISTED_MAX ? "" : `: expected ${names.join(", ")}`;
  return didYouMean(typed, names) || choice;
}

/** Levenshtein, one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}
