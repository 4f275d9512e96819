// What a bot started now would trade by: the configuration, with the control file laid over it that was applied last.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import type { BookTerms } from "../../engine/reload/paper-trade.ts";
import type { Settings } from "../../engine/risk/settings.ts";
import type { EngineVariant } from "../../engine/sandbox/engine-module.ts";
import { readNewest } from "../../engine/store/read-rows.ts";
import { InThreadWorkshop } from "../../engine/versions/workshop.ts";
import type { ColdConfig, Config } from "../config.ts";
import { parseControl } from "../control-schema.ts";
import { layControl } from "../run/lay-control.ts";
import { readConfig } from "../run/read-config.ts";

export interface InForce {
  readonly cold: ColdConfig;
  readonly settings: Settings;
  readonly terms: BookTerms;
}

/** `db` is null where no bot ran yet. Throws a UserError for a configuration that is wrong. */
export async function settingsInForce(file: string, engine: EngineVariant, db: DatabaseSync | null): Promise<InForce> {
  const { cold, settings: configured } = await evaluated(file, engine);
  const settings = db === null ? configured : underControl(configured, db);
  const { sizing, scalePpm, risk } = settings;
  return { cold, settings, terms: { sizing, scalePpm, limits: risk, bankrollMicros: cold.cashMicros } };
}

/** In a folder of its own: to look must leave nothing behind. */
async function evaluated(file: string, engine: EngineVariant): Promise<Config> {
  const dataDir = mkdtempSync(join(tmpdir(), "underway-dry-run-"));
  try {
    return await readConfig(new InThreadWorkshop({ engine, strategiesDir: dirname(file), dataDir }), file);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

function underControl(settings: Settings, db: DatabaseSync): Settings {
  const [row] = readNewest(db, "controls", "ORDER BY version DESC", 1);
  if (row === undefined) return settings;
  const parsed = parseControl(JSON.parse(row.content));
  return parsed.type === "Parsed" ? layControl(settings, parsed.control) : settings;
}
