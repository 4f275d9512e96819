// The package ships no types; this is the part we use.
declare module "pino-roll" {
  import type { Writable } from "node:stream";

  export default function roll(options: {
    /** Becomes `underway.1.log`, `underway.2.log` … for `underway.log`. */
    file: string;
    /** With a unit: "10m". */
    size: string;
    limit: { count: number; removeOtherLogFiles: boolean };
    /** Keeps `current.log` pointing at the newest file. */
    symlink: boolean;
    /** Bytes waiting for a disk that does not take them; more are dropped. */
    maxLength: number;
  }): Promise<Writable>;
}
