// What an entry of the corpus is: a file that somebody saves under a running bot to hurt it, and what must become of it.

/** Never goes live · a sound signal, the same every time · a fault: its slot holds, and nothing else notices. */
export type HostileOutcome = "refused" | "decides" | "faults";

export interface HostileStrategy {
  /** kebab-case, unique in the corpus. */
  readonly name: string;
  /** A whole file of the strategies folder. */
  readonly source: string;
  /** Several only where engine variants differ. */
  readonly expected: HostileOutcome | readonly HostileOutcome[];
  /** Spends time that fuel does not count, here or before it ever decides: what ends it is its worker's end. */
  readonly hangs: "deciding" | "loading" | null;
}

interface Surroundings {
  /** At module level, ahead of the strategy. */
  readonly before?: string;
  /** Members of the strategy beside `about` and `decide`. */
  readonly members?: string;
  readonly hangs?: HostileStrategy["hangs"];
}

const IMPORTS = `import { candles, down, exit, hold, market, param, strategy, ta, up } from "underway";`;

/** An attack in the body of decide(). */
export function attack(
  name: string,
  expected: HostileStrategy["expected"],
  body: string,
  { before = "", members = "inputs: () => ({})", hangs = null }: Surroundings = {},
): HostileStrategy {
  const source = `${IMPORTS}
${before}
export default strategy({ about: "${name}", ${members}, decide(readings, { params, window, position, memory }) {
${body}
} });
`;
  return { name, source, expected, hangs };
}

/** An attack that is a file of its own making. */
export const file = (
  name: string,
  expected: HostileStrategy["expected"],
  text: string,
  { hangs = null }: Pick<Surroundings, "hangs"> = {},
): HostileStrategy => ({
  name,
  source: `${IMPORTS}
${text}
`,
  expected,
  hangs,
});
