// Every hostile strategy there is.
import { DECLARATIONS } from "./declarations.ts";
import { ENDLESS } from "./endless.ts";
import { ESCAPES } from "./escapes.ts";
import type { HostileStrategy } from "./hostile-strategy.ts";
import { MEMORY } from "./memory.ts";
import { NATIVES } from "./natives.ts";
import { PROTOTYPES } from "./prototypes.ts";
import { RETURNS } from "./returns.ts";
import { SMUGGLING } from "./smuggling.ts";
import { STACK } from "./stack.ts";
import { THROWS } from "./throws.ts";

export const CORPUS: readonly HostileStrategy[] = [
  ...ENDLESS,
  ...NATIVES,
  ...MEMORY,
  ...STACK,
  ...RETURNS,
  ...PROTOTYPES,
  ...ESCAPES,
  ...SMUGGLING,
  ...THROWS,
  ...DECLARATIONS,
];
