// One attempt to replace the configuration while the bot runs: bundled, type-checked, evaluated, compared with what is read only
// at start. It is taken whole or refused whole, and it has a receipt like any other code.
import { messageOf, UserError } from "../../engine/base/errors.ts";
import type { CodeVersion } from "../../engine/base/ids.ts";
import { BLANK_RECEIPT, type Receipt, type Stage } from "../../engine/reload/receipt.ts";
import type { SourceError, TypeCheck, Workshop } from "../../engine/versions/port.ts";
import { type Config, coldChanges, parseConfig } from "../config.ts";

/** The name that its receipts go by. */
export const CONFIG_NAME = "underway.config"; // No strategy can be named so.

export interface ConfigParts {
  readonly file: string;
  readonly workshop: Workshop;
  readonly types: TypeCheck;
  readonly nextReceiptId: (name: string) => string;
  readonly monotonicMs: () => number;
  readonly wallMs: () => number;
}

export type ConfigOutcome =
  | { readonly type: "Accepted"; readonly config: Config; readonly receipt: Receipt }
  | { readonly type: "Refused"; readonly code: "RestartRequired" | "Invalid"; readonly receipt: Receipt };

export async function attemptConfig(running: Config, parts: ConfigParts): Promise<ConfigOutcome> {
  const { file, workshop, types, monotonicMs } = parts;
  const startedMs = monotonicMs();
  const at = new Date(parts.wallMs()).toISOString();
  const name = file.slice(file.lastIndexOf("/") + 1);
  let code: CodeVersion | null = null;
  const receipt = (known: Partial<Receipt>): Receipt => ({
    ...BLANK_RECEIPT,
    strategy: CONFIG_NAME,
    cause: "config",
    id: parts.nextReceiptId(CONFIG_NAME),
    code,
    to: code === null ? null : `${CONFIG_NAME}@${code.slice(0, 8)}`,
    at,
    timingsMs: { total: Math.round((monotonicMs() - startedMs) * 10) / 10 },
    ...known,
  });
  const refused = (stage: Stage, reasons: readonly string[], isCold = false): ConfigOutcome => ({
    type: "Refused",
    code: isCold ? "RestartRequired" : "Invalid",
    receipt: receipt({ state: "rejected", stage, reasons }),
  });
  try {
    const evaluated = await workshop.evaluateConfig(file);
    if (evaluated.type === "Refused") return refused("bundled", evaluated.errors.map(lineOf));
    code = evaluated.digest as CodeVersion;
    const errors = await types.check("", name, evaluated.sources);
    if (errors.length > 0) return refused("type-checked", errors.map(lineOf));
    const config = parseConfig(evaluated.value, name);
    const cold = coldChanges(running.cold, config.cold);
    if (cold.length > 0) return refused("gated", [`${cold.join(", ")} can only change with a restart`], true);
    return { type: "Accepted", config, receipt: receipt({ state: "armed" }) };
  } catch (error) {
    const where = error instanceof UserError && error.where !== null ? ` at ${error.where}` : "";
    return refused("loaded", [`${messageOf(error)}${where}`]);
  }
}

const lineOf = ({ file, line, column, message }: SourceError): string =>
  `${line > 0 ? `${file}:${line}:${column} ` : ""}${message}`;
