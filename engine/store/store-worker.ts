// The store's thread. It is never terminated from outside, for a native call must not be cut off: it ends by itself on Close.
// Commits that arrive while it writes are gathered, and share the next transaction.
import { parentPort } from "node:worker_threads";
import { assert, assertNever } from "../base/assert.ts";
import { bootData } from "../node/start-worker.ts";
import { BALLAST_PAUSE_MS, Ballast } from "./ballast.ts";
import { openDatabase } from "./database.ts";
import { SqliteStore } from "./sqlite-store.ts";
import {
  type StoreAnswer,
  type StoreCommand,
  type StoreQuestion,
  type StoreReport,
  sentError,
} from "./store-messages.ts";

assert(parentPort !== null, "The store's thread has no parent");
const port = parentPort;
const report = (message: StoreReport): void => port.postMessage(message);

function serve(dir: string): void {
  const ballast = new Ballast(dir);
  const store = new SqliteStore(
    openDatabase(dir),
    {
      durable: (seq, head) => report({ type: "Durable", seq, head }),
      failed: (failure) => report({ type: "Failed", failure }),
    },
    () => ballast.release(),
  );
  const growing = setInterval(() => {
    if (!ballast.grow()) clearInterval(growing);
  }, BALLAST_PAUSE_MS);

  let isFlushDue = false;
  port.on("message", (command: StoreCommand) => {
    switch (command.type) {
      case "Commit":
        store.gather(command.batch);
        if (isFlushDue) return;
        isFlushDue = true;
        // Runs once every message that is already here has been taken.
        setImmediate(() => {
          isFlushDue = false;
          store.flush();
        });
        return;
      case "KeepJournal":
        return store.keepJournal(command.ms);
      case "Recover":
      case "Totals":
      case "Export":
        return report(answer(store, command));
      case "Close":
        store.close();
        clearInterval(growing);
        report({ type: "Closed" });
        port.close();
        return;
      default:
        assertNever(command, "store command");
    }
  });
  report({ type: "Opened" });
}

function answer(store: SqliteStore, question: StoreQuestion): StoreAnswer {
  const id = question.id;
  try {
    switch (question.type) {
      case "Recover":
        return { type: "Recovered", id, recovered: store.recover() };
      case "Totals":
        return { type: "Totaled", id, totals: store.totals() };
      case "Export":
        return { type: "Exported", id, rows: store.exportTo(question.path).rows };
      default:
        return assertNever(question, "store question");
    }
  } catch (error) {
    return { type: "Refused", id, error: sentError(error) };
  }
}

try {
  serve(bootData<{ readonly dir: string }>().dir);
} catch (error) {
  report({ type: "NotOpened", error: sentError(error) });
}
