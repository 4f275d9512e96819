// The type check in this thread, for virtual time: the compiler is loaded when something is checked first.
import type { Sources } from "./dsl-sources.ts";
import type { SourceError, TypeCheck } from "./port.ts";
import { TypeChecker } from "./type-check.ts";
import { TypeVerdicts } from "./type-verdicts.ts";

export class InThreadTypes implements TypeCheck {
  #checker: Promise<TypeChecker> | null = null;
  readonly #verdicts = new TypeVerdicts(async ({ folder, entry, sources }) => {
    this.#checker ??= TypeChecker.create();
    const checker = await this.#checker;
    try {
      return checker.check(folder, entry, sources);
    } catch (error) {
      this.#checker = null; // Nobody knows what it still holds.
      throw error;
    }
  });

  check(folder: string, entry: string, sources: Sources): Promise<readonly SourceError[]> {
    return this.#verdicts.check({ folder, entry, sources });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
