// What a process weighs, as Linux tells it: threads, resident memory, and the sandboxes' memories among its mappings.
import { readFileSync } from "node:fs";

export interface Footprint {
  readonly threads: number;
  readonly residentMb: number;
  /** Mappings of exactly the size of a sandbox's fixed memory: one for each QuickJS that is alive or not collected yet. */
  readonly sandboxes: number;
}

/** 256 pages of WebAssembly. */
const SANDBOX_BYTES = 256 * 65_536;

/** Null where there is no /proc. */
export function footprintOf(pid: number): Footprint | null {
  if (process.platform !== "linux") return null;
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)![1]);
  const mappings = readFileSync(`/proc/${pid}/maps`, "utf8").matchAll(/^([0-9a-f]+)-([0-9a-f]+) rw-p/gm);
  const sizes = [...mappings].map(([, from, to]) => Number.parseInt(to!, 16) - Number.parseInt(from!, 16));
  return {
    threads: field("Threads"),
    residentMb: Math.round(field("VmRSS") / 1024),
    sandboxes: sizes.filter((bytes) => bytes === SANDBOX_BYTES).length,
  };
}
