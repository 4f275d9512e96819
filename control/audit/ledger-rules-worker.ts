// The rules of the ledger in a thread of their own, on a connection of their own.
import { parentPort } from "node:worker_threads";
import { assert } from "../../engine/base/assert.ts";
import { messageOf } from "../../engine/base/errors.ts";
import { bootData } from "../../engine/node/start-worker.ts";
import { openEvidence } from "./evidence.ts";
import { checkLedger } from "./invariants.ts";
import type { LedgerRulesAnswer, LedgerRulesOrder } from "./ledger-rules.ts";

assert(parentPort !== null, "ledger-rules-worker.ts runs in a worker thread");
const { dir, fromMs, toMs } = bootData<LedgerRulesOrder>();
const evidence = openEvidence(dir);
const flawOf = () => null; // They ask nothing of the version store.
let answer: LedgerRulesAnswer;
try {
  answer = { invariants: checkLedger({ ...evidence, fromMs, toMs, flawOf }) };
} catch (error) {
  // What an error of SQLite is, its code says, and that does not cross by itself.
  if (!(error instanceof Error && "errcode" in error)) throw error;
  answer = { message: messageOf(error), errcode: Number(error.errcode) };
}
parentPort.postMessage(answer);
evidence.db.close();
