// What the reader says of whatever was thrown, made safe for one line of a log: strategies choose these words.
const WORDS_MAX = 640;

/** What would break a line, or rewrite it: controls, line separators, changes of the writing direction. */
const CONTROL_CHARACTERS = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+/g;
const LAST_HALF_PAIR = /[\ud800-\udbff]$/;
/** The reader could not say anything. */
const UNSAID = "InternalError: no memory or fuel was left to say what was thrown";

export interface ThrownWords {
  /** `name: message` */
  readonly words: string;
  readonly stack: string;
}

/** Of `name \x01 message \x01 stack`. */
export function thrownWords(text: string): ThrownWords {
  const [name = "", message = "", stack = ""] = text.split("\x01");
  return { words: text === "" ? UNSAID : plainLine(`${name || "Error"}: ${message}`, " ", WORDS_MAX), stack };
}

/** At most `max` characters, no half surrogate pair at the end. */
export const plainLine = (text: string, control: string, max: number): string =>
  text.replace(CONTROL_CHARACTERS, control).slice(0, max).replace(LAST_HALF_PAIR, "");
