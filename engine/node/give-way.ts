// Threads that work beside the trading ones give way to them, so that a rehearsal on a small machine costs no cycle.
import { constants, setPriority } from "node:os";

/** Of the calling thread. Linux keeps a priority for each; elsewhere this would be the whole process's, trading included. */
export function giveWay(): void {
  if (process.platform === "linux") setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
}
