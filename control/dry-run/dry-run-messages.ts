// What the thread of rehearsals is asked, and what it tells. Every job ends with exactly one answer; what comes before it says that
// the thread is alive.
import type { SentError } from "../../engine/versions/workshop-messages.ts";
import type { StageResult } from "./candidate.ts";
import type { DryRunOrder } from "./dry-run.ts";
import type { VersionDiffOrder } from "./version-diff.ts";

export type Job =
  | { readonly type: "DryRun"; readonly order: DryRunOrder }
  | { readonly type: "VersionDiff"; readonly order: VersionDiffOrder };

export type Told =
  | { readonly type: "Stage"; readonly result: StageResult }
  | { readonly type: "Walking"; readonly fromMs: number; readonly toMs: number; readonly atMs: number }
  | { readonly type: "Alive" }
  | { readonly type: "Done"; readonly value: unknown }
  | { readonly type: "Failed"; readonly error: SentError };
