// A loaded version as bytes: the snapshot of a sandbox that is about to decide, where things lie in it, and the source
// map for its errors. A plain object over shared memory, so it crosses threads as it is.
import { assert } from "../base/assert.ts";
import type { DecisionRequest } from "../decide/decision.ts";
import type { LoadedVersion } from "../decide/port.ts";
import { type VersionKey, versionKey } from "../decide/version.ts";
import type { LocalSnapshots, Restorable, Snapshot } from "./snapshot.ts";
import type { BundleOrigin } from "./source-position.ts";

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
  /** Word that holds the end of the heap. */
  readonly heapEnd: number;
  /** The reader's function that puts a thrown value into words. */
  readonly explain: number;
}

/** What a decision needs, apart from the sandbox's bytes. */
interface Decidable extends SandboxPlaces {
  readonly step: number;
  readonly migrate: number;
  /** The frame's length in doubles. */
  readonly frameSize: number;
  readonly remembers: boolean;
}

export interface SandboxImage extends Decidable {
  readonly snapshot: Snapshot;
  readonly origin: BundleOrigin;
}

/** An image in the thread that decides with it. */
export interface LocalImage extends Decidable {
  readonly restorable: Restorable;
  /** Its sandbox is kept from one decision to the next: faster, and only for versions proven pure. */
  readonly isKept: boolean;
}

export function localImage(image: SandboxImage, snapshots: LocalSnapshots, isKept = false): LocalImage {
  const { snapshot, origin: _, ...rest } = image;
  return { ...rest, restorable: snapshots.restorable(snapshot), isKept };
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
