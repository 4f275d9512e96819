// How people name a version: `momentum@3f9a2c1e`, `momentum@v14`, `v14`, or the digest, whole or as much of it as tells it
// from the others.
import { UserError } from "../engine/base/errors.ts";
import { type CodeVersion, shortVersion } from "../engine/base/ids.ts";

export interface KnownVersion {
  readonly strategy: string;
  readonly code: CodeVersion;
  /** Null for one that a bot loaded and never numbered. */
  readonly ordinal: number | null;
}

interface VersionName {
  /** Null where only a number or a digest was given. */
  readonly strategy: string | null;
  readonly ordinal: number | null;
  /** The beginning of the digest, or all of it. */
  readonly prefix: string;
}

const NAME = /^(?:([a-z][a-z0-9-]{0,39})@)?(?:v([1-9]\d{0,8})|([0-9a-f]{4,64}))$/i;
export const VERSION_SYNTAX = "momentum@3f9a2c1e, momentum@v14, v14 or a digest of 4 digits or more";
const LISTED_MAX = 8;

/** Null when the text is no name of a version. */
export function parseVersionName(text: string): VersionName | null {
  const match = NAME.exec(text);
  if (match === null) return null;
  const [, strategy, ordinal, prefix] = match;
  return {
    strategy: strategy ?? null,
    ordinal: ordinal === undefined ? null : Number(ordinal),
    prefix: (prefix ?? "").toLowerCase(),
  };
}

/** The one version of this name; `strategy` is what a name without one means. Throws a UserError that says what there is. */
export function findVersion(
  text: string,
  known: readonly KnownVersion[],
  strategy: string | null = null,
): KnownVersion {
  const name = parseVersionName(text);
  if (name === null) {
    throw new UserError("usage", `Cannot read "${text}" as a version: expected ${VERSION_SYNTAX}`);
  }
  const wanted = name.strategy ?? strategy;
  const ofStrategy = known.filter((version) => wanted === null || version.strategy === wanted);
  const found = ofStrategy.filter(({ code, ordinal }) =>
    name.ordinal === null ? code.startsWith(name.prefix) : ordinal === name.ordinal,
  );
  const [first, ...others] = found;
  if (first === undefined) {
    const listed = ofStrategy.length > 0 ? ofStrategy : known;
    throw new UserError("usage", `Cannot find version "${text}": there is none of that name here`, {
      hint: listed.length === 0 ? "no version was ever loaded here" : `there are ${labels(listed)}`,
    });
  }
  if (others.length > 0) {
    throw new UserError("usage", `Cannot tell which version "${text}" is: it may be ${labels(found)}`, {
      hint: "name the strategy too, or more of the digest",
    });
  }
  return first;
}

/** `momentum@3f9a2c1e (v14)` */
export const versionLabel = ({ strategy, code, ordinal }: KnownVersion): string =>
  `${shortVersion(strategy, code)}${ordinal === null ? "" : ` (v${ordinal})`}`;

const labels = (versions: readonly KnownVersion[]): string => {
  const shown = versions.slice(0, LISTED_MAX).map(versionLabel).join(", ");
  return versions.length > LISTED_MAX ? `${shown} and ${versions.length - LISTED_MAX} more` : shown;
};
