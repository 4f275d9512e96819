// Started as a process of its own, with --expose-gc: loads many versions, installs them in both workers of a host, and says
// by how much the process has grown. Arguments: engine, number of versions.
import { deserialize, serialize } from "node:v8";
import type { EngineVariant } from "../../engine/sandbox/engine-module.ts";
import { imageOf } from "../../engine/sandbox/image.ts";
import { Loader, type LoadOrder } from "../../engine/sandbox/loader.ts";
import { WorkerHost } from "../../engine/sandbox/worker-host.ts";
import { StoredFolder } from "../../engine/versions/source-folder.ts";
import { orderOf, STRATEGIES } from "./subject.ts";

const MB = 1024 * 1024;
const WARM_UP = 10;

export interface VersionsMemory {
  readonly grownMb: number;
  /** Bytes in shared memory, and characters of source maps: what a version is by itself. */
  readonly snapshotsMb: number;
  readonly sourceMapsMb: number;
}

const [engine, versions] = [process.argv[2] as EngineVariant, Number(process.argv[3])];
const read = STRATEGIES.read("realistic.ts");
if (!("text" in read)) throw new Error(read.problem);

/** Each is another file, bundled by itself: nothing is shared that would not be shared by edits. */
async function orders(count: number, mark: string): Promise<Buffer[]> {
  const packed: Buffer[] = [];
  for (let index = 0; index < count; index++) {
    const source = `${(read as { readonly text: string }).text}\n// ${mark} ${index}\n`;
    packed.push(
      serialize(await orderOf("realistic", engine, new StoredFolder("strategies", { "realistic.ts": source }))),
    );
  }
  return packed;
}

const [first, rest] = [await orders(WARM_UP, "first"), await orders(versions, "rest")];
const loader = await Loader.create(engine);
const host = await WorkerHost.create(engine);
const install = async (packed: readonly Buffer[]) => {
  const loaded = packed.map((one) => loader.load(deserialize(one) as LoadOrder));
  for (const version of loaded) await host.install(version);
  return loaded;
};
await install(first);

const before = residentBytes();
const loaded = await install(rest);
const grown = residentBytes() - before;
const images = loaded.map(imageOf);
const snapshots = images.flatMap(({ snapshot }) => snapshot.pages.map(({ bytes }) => bytes.length));
const maps = images.map(({ origin }) => origin.sourceMap.length);
const report: VersionsMemory = {
  grownMb: grown / MB,
  snapshotsMb: sum(snapshots) / MB,
  sourceMapsMb: sum(maps) / MB,
};
process.stdout.write(JSON.stringify(report));
await host.close();

function residentBytes(): number {
  for (let time = 0; time < 3; time++) globalThis.gc!();
  return process.memoryUsage.rss();
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
