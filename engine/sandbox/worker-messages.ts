// What the trading thread and a sandbox worker say to each other. Frames and answers are not in messages but in SharedCells.
import type { EngineParts } from "./engine.ts";
import type { SandboxImage } from "./image.ts";

/** Images by the host's number for their version. */
export type Images = ReadonlyMap<number, SandboxImage>;

export interface WorkerStart {
  readonly engine: EngineParts;
  readonly cells: SharedArrayBuffer;
  readonly images: Images;
}

export type ToWorker =
  | { readonly type: "Install"; readonly version: number; readonly image: SandboxImage }
  | { readonly type: "Retire"; readonly version: number }
  | { readonly type: "Decide"; readonly stamp: number; readonly count: number };

export type FromWorker =
  | { readonly type: "Ready" }
  | { readonly type: "Installed"; readonly version: number }
  | { readonly type: "Decided"; readonly stamp: number };
