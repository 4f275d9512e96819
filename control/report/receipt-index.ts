// Which reload brought a version: the newest receipt that had taken it over a boundary, or into a canary, by a given cycle.
import type { DatabaseSync } from "node:sqlite";
import type { CodeVersion, ParamsHash } from "../../engine/base/ids.ts";
import type { Receipt } from "../../engine/reload/receipt.ts";
import { readNewest } from "../../engine/store/read-rows.ts";
import { receiptSchema } from "../receipt-schema.ts";

const RECEIPTS_MAX = 100_000;

export class ReceiptIndex {
  readonly #byCode = new Map<string, Receipt[]>();

  /** One that cannot be read is left out: the audit of receipts names it. */
  constructor(db: DatabaseSync) {
    for (const { body } of readNewest(db, "receipts", "WHERE json_valid(body) ORDER BY number DESC", RECEIPTS_MAX)) {
      const { success, data } = receiptSchema.safeParse(JSON.parse(body));
      if (!success || data.code === null || data.cause === "rollback") continue;
      this.#byCode.set(data.code, [...(this.#byCode.get(data.code) ?? []), data]);
    }
  }

  /** Null where none is kept: it ran before there were receipts. */
  bringing(code: CodeVersion, params: ParamsHash, cycle: number): Receipt | null {
    const known = (this.#byCode.get(code) ?? []).filter((receipt) => receipt.params.includes(params));
    const crossed = known.find(({ boundaryCycle }) => boundaryCycle !== null && boundaryCycle <= cycle);
    return crossed ?? known.find(({ gate }) => (gate?.canary.length ?? 0) > 0) ?? null;
  }
}
