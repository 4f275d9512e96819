// What every type check does, whichever thread the compiler is in: one at a time, the newest word on a file counts, and what has
// been checked is not checked again.
import { canonicalJson } from "../base/canonical-json.ts";
import { messageOf, UserError } from "../base/errors.ts";
import { sha256 } from "./code-version.ts";
import type { Sources } from "./dsl-sources.ts";
import type { SourceError } from "./port.ts";
import { RequestQueue } from "./request-queue.ts";
import { fileName } from "./source-folder.ts";

/** What `TypeCheck.check` is asked. */
export interface TypeOrder {
  readonly folder: string;
  readonly entry: string;
  readonly sources: Sources;
}

/** Texts whose verdict is remembered; the oldest is forgotten first. */
const VERDICTS_MAX = 256;

export class TypeVerdicts {
  readonly #ask: (order: TypeOrder) => Promise<readonly SourceError[]>;
  readonly #queue = new RequestQueue();
  readonly #known = new Map<string, readonly SourceError[]>();

  constructor(ask: (order: TypeOrder) => Promise<readonly SourceError[]>) {
    this.#ask = ask;
  }

  check(order: TypeOrder): Promise<readonly SourceError[]> {
    return this.#queue.run(`types of ${order.folder}/${order.entry}`, async () => {
      const key = sha256(canonicalJson({ ...order }));
      const known = this.#known.get(key);
      if (known !== undefined) return known;
      const errors = await this.#ask(order).catch((error: unknown) => {
        const file = fileName({ name: order.folder }, order.entry);
        throw new UserError("rejected", `Cannot check the types of ${file}: ${messageOf(error)}`, { cause: error });
      });
      this.#known.set(key, errors);
      if (this.#known.size > VERDICTS_MAX) this.#known.delete(this.#known.keys().next().value!);
      return errors;
    });
  }
}
