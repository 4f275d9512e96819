// `audit <trade>` on what a bot has left behind: part of audit.test.ts, which has the bot.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import type { AuditFlags } from "../../control/commands/audit.ts";
import { UserError } from "../../engine/base/errors.ts";

interface Audited {
  /** The workspace, and the data directory in it. */
  readonly folder: string;
  readonly data: string;
  readonly audit: (trade: string, flags?: Partial<AuditFlags>) => Promise<{ code: number; stdout: string }>;
}

export function tracesOneTrade({ folder, data, audit }: Audited): void {
  const asJson = async (trade: string) => {
    const { code, stdout } = await audit(trade, { json: true });
    return { code, value: JSON.parse(stdout) };
  };
  describe("of one trade", () => {
    const names = (where: string) => {
      const db = new DatabaseSync(join(data, "underway.db"), { readOnly: true });
      const row = db
        .prepare(
          `SELECT f.trade_id AS fill, f.client_order_id AS "order", f.slot || '/' || f.market AS position,
            f.slot || '@' || f.cycle AS decision FROM fills f JOIN positions p USING (market, slot) WHERE ${where} LIMIT 1`,
        )
        .get();
      db.close();
      return row as { [kind in "fill" | "order" | "position" | "decision"]: string };
    };

    test("leads from the money to the code, whatever name it is given", async () => {
      const won = names("p.status = 'settled' AND p.outcome = p.side AND f.action = 'buy'");
      for (const kind of ["fill", "order", "position", "decision"] as const) {
        const { code, value } = await asJson(won[kind]);
        expect([code, value.kind, value.id]).toEqual([0, kind, won[kind]]);
        expect(value.orders.map((order: { clientOrderId: string }) => order.clientOrderId)).toEqual([won.order]);
        expect(value.orders[0].fills[0].tradeId).toBe(won.fill);
        const [decision] = value.decisions;
        expect(decision).toMatchObject({ id: won.decision, kind: value.orders[0].side, fuel: expect.any(Number) });
        expect(decision.view.frame.secondsLeft).toBeGreaterThan(0);
        expect(Object.keys(decision.view.inputs).length).toBeGreaterThan(0);
        expect(decision.digest).toMatch(/^[0-9a-f]{16}$/);
        expect(decision.journal).toEqual({ seq: expect.any(Number), hash: expect.stringMatching(/^[0-9a-f]{64}$/) });
        const [version] = value.versions;
        expect(version.code).toBe(value.orders[0].code);
        expect(version.files[0].text).toContain("strategy({");
        expect(version.receipt).toMatchObject({ state: "active", boundaryCycle: 1 });
        expect(value.settlement).toMatchObject({ venueOutcome: value.position.outcome, claimStatus: "claimed" });
        expect(new Set(value.transfers.map((transfer: { kind: string }) => transfer.kind))).toEqual(
          new Set(["buy", "fee", "payout", "profit", "claim"]),
        );
      }
    });

    test("prints every line of the code with its number", async () => {
      const { position } = names("p.status = 'closed'");
      const { stdout } = await audit(position);
      const strategy = position.split("/")[0]!.split("-")[2]!;
      const lines = readFileSync(join(folder, `strategies/${strategy}.ts`), "utf8")
        .trimEnd()
        .split("\n");
      const printed = lines.map((line, index) => `${String(index + 1).padStart(2)}  ${line}`.trimEnd());
      expect(stdout).toContain(printed.join("\n"));
      expect(stdout).toMatch(/: sold, [+−][\d.]+ USDC after fees\./);
    });

    test("a decision that ordered nothing is told too", async () => {
      const { value } = await asJson("BTC-5m-momentum@1");
      expect(value).toMatchObject({ kind: "decision", orders: [], position: null, transfers: [] });
      expect(value.decisions[0].kind).toBe("hold");
    });

    test("a name that nothing has is answered with the nearest one", async () => {
      const { position } = names("true");
      const refused = await audit(`${position}0`).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(UserError);
      expect((refused as UserError).message).toContain(`did you mean "${position}"?`);
      expect((refused as UserError).hint).toContain("slot@cycle");
    });
  });
}
