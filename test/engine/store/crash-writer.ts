// Commits until it is killed, and says on stdout what was acknowledged. Each batch writes one row to four tables.
import { writeSync } from "node:fs";
import { StoreThread } from "../../../engine/store/store-thread.ts";
import { write } from "../../contract/store-rows.ts";

const QUEUED_MAX = 32;

const [dir] = process.argv.slice(2);
let seq = 0;
let cycleBefore = 0;

const store = await StoreThread.open(
  { dir: dir! },
  {
    durable: (done) => {
      writeSync(1, `${cycleBefore + done}\n`);
      fill(done);
    },
    failed: (failure) => {
      throw new Error(failure.message);
    },
  },
);
cycleBefore = (await store.recover()).lastCycle?.cycle ?? 0;
fill(0);

function fill(durable: number): void {
  while (seq - durable < QUEUED_MAX) {
    seq += 1;
    const cycle = cycleBefore + seq;
    store.commit({
      seq,
      journal: [{ type: "CycleOpened", cycle, atMs: cycle * 1_000 }],
      writes: [
        write("cycles", { cycle }),
        write("transfers", { id: cycle, reference: null }),
        write("alarms", { id: cycle }),
        write("commands", { id: String(cycle) }),
      ],
    });
  }
}
