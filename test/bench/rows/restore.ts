// Putting a sandbox back, alone: beside one plain copy of as many bytes.
import { startEngine } from "../../../engine/sandbox/engine.ts";
import { readEngine } from "../../../engine/sandbox/engine-file.ts";
import { ENGINE_VARIANTS } from "../../../engine/sandbox/engine-module.ts";
import { imageOf, localImage } from "../../../engine/sandbox/image.ts";
import { LocalSnapshots, restore as restoreSnapshot } from "../../../engine/sandbox/snapshot.ts";
import { best, figured, timed, type Way } from "../rounds.ts";
import type { Bench, Figure } from "../row.ts";
import { load } from "../subject.ts";

export const restore: Bench = {
  name: "restore",
  async run() {
    const ways: Record<string, Way> = {};
    const bytes: Record<string, number> = {};
    for (const engine of ENGINE_VARIANTS) {
      const { instance } = await startEngine(await readEngine(engine));
      const { restorable, heapEnd } = localImage(imageOf(await load("realistic", engine)), new LocalSnapshots());
      const size = restorable.reduce((sum, region) => sum + region.bytes.length, 0);
      const [from, to] = [new Uint8Array(size).fill(1), new Uint8Array(size)];
      bytes[engine] = size;
      ways[engine] = (times) => {
        for (let time = 0; time < times; time++) restoreSnapshot(instance, restorable, heapEnd);
      };
      ways[`memcpy ${engine}`] = (times) => {
        for (let time = 0; time < times; time++) to.set(from);
      };
    }
    const times = timed(ways);
    const figures = ENGINE_VARIANTS.map((engine): Figure => {
      const { value, beside } = figured(times[engine]!);
      const ratios = { memcpy: value / best(times[`memcpy ${engine}`]!) };
      return { engine, value, beside: { ...beside, KB: bytes[engine]! / 1024 }, ratios };
    });
    return [{ name: "restore alone", unit: "µs", budget: null, figures }];
  },
};
