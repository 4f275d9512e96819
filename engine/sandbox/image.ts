// A loaded version as bytes: the snapshot of a sandbox that is about to decide, where things lie in it, and the source
// map for its errors. A plain object over shared memory, so it crosses threads as it is.
import { assert } from "../base/assert.ts";
import type { DecisionRequest } from "../decide/decision.ts";
import type { LoadedVersion } from "../decide/port.ts";
import { type VersionKey, versionKey } from "../decide/version.ts";
import type { Snapshot } from "./snapshot.ts";

/** Places in the sandbox's memory, in bytes; `frame` to `values` are the host's area. */
export interface SandboxPlaces {
  readonly context: number;
  /** QuickJS's own countdown to its next interrupt poll: the fine part of the fuel gauge. */
  readonly countdown: number;
  readonly frame: number;
  readonly memoryText: number;
  readonly out: number;
  /** Argument array of one call. */
  readonly values: number;
  readonly undefined: number;
  /** The reader's function that puts a thrown value into words. */
  readonly explain: number;
}

export interface SandboxImage extends SandboxPlaces {
  readonly snapshot: Snapshot;
  readonly step: number;
  readonly migrate: number;
  /** The frame's length in doubles. */
  readonly frameSize: number;
  readonly remembers: boolean;
  readonly sourceMap: string;
}

/** An image by its version, for a request that must fit it: hosts are only ever asked for what was installed. */
export function imageFor<T extends { readonly frameSize: number }>(
  images: ReadonlyMap<VersionKey, T>,
  { version, frame }: DecisionRequest,
): T {
  const image = images.get(versionKey(version));
  assert(image !== undefined, `Version ${versionKey(version)} is not installed`);
  assert(frame.length === image.frameSize, `A frame of ${frame.length} numbers, expected ${image.frameSize}`);
  return image;
}

export function imageOf(version: LoadedVersion): SandboxImage {
  const image = version.image as SandboxImage;
  assert(typeof image?.step === "number", "The version was not loaded by this sandbox");
  return image;
}
