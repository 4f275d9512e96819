// Whether a version may be decided with without putting its sandbox back each time. Two witnesses: the probe, which sees
// what decisions read of others, and the analysis of the code, which sees what they change, read or not. An impure version
// decides all the same, exactly as if it were pure: it starts from its snapshot every time, and forgets.
import { messageOf } from "../base/errors.ts";
import type { LoadedVersion } from "../decide/port.ts";
import { SandboxOvertime, SandboxPoisoned } from "../sandbox/instance.ts";
import type { PurityProbe } from "../sandbox/purity-probe.ts";
import type { Artifact, SourceError } from "./port.ts";
import { Refusal, sourceError } from "./source-error.ts";
import { fileName, type SourceFolder } from "./source-folder.ts";

export type Purity = { readonly pure: true } | { readonly pure: false; readonly reasons: readonly SourceError[] };

/** Throws a Refusal when deciding ends the sandbox itself. */
export function purityOf(artifact: Artifact, version: LoadedVersion, folder: SourceFolder, probe: PurityProbe): Purity {
  const { analysis, entry, sources } = artifact;
  const texts = new Map(Object.entries(sources).map(([path, text]) => [fileName(folder, path), text]));
  const reasons = analysis.stateWrites.map(({ source, line, column, message }) =>
    sourceError(source, line, column, message, texts.get(source) ?? null),
  );
  const difference = differenceOf(version, probe, fileName(folder, entry));
  if (difference !== null) {
    const message = `${difference}; declare what it keeps as memory`;
    reasons.push(sourceError(fileName(folder, entry), 1, 1, message, null));
  }
  return reasons.length === 0 ? { pure: true } : { pure: false, reasons };
}

function differenceOf(version: LoadedVersion, probe: PurityProbe, file: string): string | null {
  try {
    return probe.difference(version);
  } catch (error) {
    if (!(error instanceof SandboxOvertime || error instanceof SandboxPoisoned)) throw error;
    throw new Refusal("loaded", [sourceError(file, 1, 1, `Cannot decide with it: ${messageOf(error)}`, null)]);
  }
}
