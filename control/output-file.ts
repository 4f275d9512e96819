// Files that are written at the end of long work.
import { accessSync, constants } from "node:fs";
import { dirname, resolve } from "node:path";
import { messageOf, UserError } from "../engine/base/errors.ts";

/** Said before the work: at its end it would cost the result. `what` is what goes there: "export to". Throws a UserError. */
export function requireFolderOf(file: string, what: string): void {
  try {
    accessSync(dirname(resolve(file)), constants.W_OK);
  } catch (error) {
    throw new UserError("usage", `Cannot ${what} "${file}": ${messageOf(error)}`, { where: file });
  }
}
