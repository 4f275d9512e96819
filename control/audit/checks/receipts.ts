// Rules of reloads: a receipt is in a state that its fields allow, and a boundary changes nothing but pointers.
import { isEnding, type Receipt } from "../../../engine/reload/receipt.ts";
import { receiptSchema } from "../../receipt-schema.ts";
import { type Evidence, type Invariant, Tally } from "../invariant.ts";

export function receiptsAreLegal({ db }: Evidence): Invariant {
  const tally = new Tally({
    id: "receipts-are-legal",
    name: "what took over had passed its gate, what was refused never did, and the core was the same before and after",
  });
  for (const { id, number, state, body } of db.prepare("SELECT id, number, state, body FROM receipts").iterate()) {
    const receipt = receiptOf(String(body));
    const what = receipt === null ? "its record cannot be read" : flawOf(receipt, { id, number, state });
    tally.see(what === null ? null : `${id}: ${what}`);
  }
  return tally.end();
}

function receiptOf(body: string): Receipt | null {
  try {
    return receiptSchema.safeParse(JSON.parse(body)).data ?? null;
  } catch {
    return null;
  }
}

function flawOf(receipt: Receipt, row: { readonly id: unknown; readonly number: unknown; readonly state: unknown }) {
  const { id, strategy, state, stage, boundaryCycle, coreBefore, coreAfter, gate, approvedBy, cause } = receipt;
  if (id !== row.id || id !== `${strategy}-${row.number}` || state !== row.state)
    return `its record is of ${id}, ${state}`;
  if (isEnding(state) !== (stage !== null)) return `it is ${state} at stage ${stage}`;
  if (coreBefore !== coreAfter) return `the core was ${coreBefore} before its boundary and ${coreAfter} after it`;
  const hasRun = boundaryCycle !== null;
  if ((state === "active" || state === "permanent") && !hasRun) return `it is ${state} and crossed no boundary`;
  const isReplaced = state === "superseded" && stage === "active";
  if ((state === "rejected" || state === "superseded") && hasRun !== isReplaced)
    return `it is ${state} at stage ${stage}, and took over in cycle ${boundaryCycle}`;
  const needsApproval = gate?.policy.includes("approve") === true && cause !== "rollback";
  return hasRun && needsApproval && approvedBy === null ? "it took over, and nobody approved it" : null;
}
