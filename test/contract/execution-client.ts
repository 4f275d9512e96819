// What every simulated venue promises, whatever thread it runs in.
import { describe, expect, test } from "vitest";
import { marketId } from "../../engine/base/ids.ts";
import type { ExecutionReport, SimulatedExecutionClient, VenueOrder } from "../../engine/venues/port.ts";
import {
  CLOSE_MS,
  market,
  OPEN_MS,
  opening,
  order,
  Recorder,
  STRIKE,
  tick,
  USDC,
} from "../engine/venues/simulated/world.ts";

interface OpenVenue {
  readonly client: SimulatedExecutionClient;
  /** Fails the test when the venue says that it failed. */
  readonly failures: readonly unknown[];
}

/** Opens a venue of SETTINGS that reports to the listener. */
export type OpensVenue = (listener: Recorder) => OpenVenue;

/** A recorder one can wait with: reconciliation answers after everything sent before it. */
class Listener extends Recorder {
  #wake: (() => void) | null = null;

  override report(report: ExecutionReport): void {
    super.report(report);
    if (report.type === "Reconciled") this.#wake?.();
  }

  reconciled(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

const ID = market().id;
const NOW_MS = OPEN_MS + 1_000;

export function executionClientContract(name: string, open: OpensVenue): void {
  describe(name, () => {
    const inOpenMarket = () => {
      const recorder = new Listener();
      const { client, failures } = open(recorder);
      client.advance(OPEN_MS - 1_000);
      client.observe(opening());
      client.advance(NOW_MS);
      const reconcile = async (sent: readonly VenueOrder[] = []) => {
        const answered = recorder.reconciled();
        client.send({ type: "Reconcile", orders: sent.map(({ clientOrderId }) => clientOrderId), markets: [ID] });
        await answered;
        return recorder.of("Reconciled").at(-1)!.snapshot;
      };
      const reportsAt = async (ms: number) => {
        client.advance(NOW_MS + ms);
        await reconcile();
        return recorder.reports.filter(({ type }) => type !== "Reconciled");
      };
      const close = async () => {
        await client.close();
        expect(failures).toEqual([]);
      };
      return { recorder, client, reconcile, reportsAt, close };
    };

    test("it has caught up once everything handed over is answered and told, and at once when nothing is left", async () => {
      const { recorder, client, close } = inOpenMarket();
      const sent = order();
      client.send({ type: "Submit", order: sent });
      client.advance(NOW_MS + 500);
      const caughtUp = () => new Promise<void>((resolve) => client.caughtUp(resolve));
      await caughtUp();
      expect(recorder.of("OrderFilled")).toHaveLength(1);
      let isAtOnce = false;
      client.caughtUp(() => {
        isAtOnce = true;
      });
      expect(isAtOnce).toBe(true);
      await close();
    });

    test("an immediate order is accepted, then filled", async () => {
      const { client, reportsAt, close } = inOpenMarket();
      const sent = order();
      client.send({ type: "Submit", order: sent });
      expect(await reportsAt(500)).toMatchObject([
        { type: "OrderAccepted", clientOrderId: sent.clientOrderId },
        {
          type: "OrderFilled",
          fill: { clientOrderId: sent.clientOrderId, sharesMicros: sent.sharesMicros, liquidity: "taker" },
        },
      ]);
      await close();
    });

    test("an immediate order that reaches nothing is accepted, then killed", async () => {
      const { client, reportsAt, close } = inOpenMarket();
      client.send({ type: "Submit", order: order({ limitMicros: 10_000 }) });
      expect(await reportsAt(500)).toMatchObject([
        { type: "OrderAccepted" },
        { type: "OrderCanceled", reason: "killed" },
      ]);
      await close();
    });

    test("a resting order is accepted, then cancelled when asked", async () => {
      const { client, reportsAt, close } = inOpenMarket();
      const sent = order({ limitMicros: 10_000, timeInForce: "GTC" });
      client.send({ type: "Submit", order: sent });
      await reportsAt(500);
      client.send({ type: "Cancel", clientOrderId: sent.clientOrderId });
      client.send({ type: "Cancel", clientOrderId: order().clientOrderId });
      const reports = await reportsAt(600);
      expect(reports.map(({ type }) => type).sort()).toEqual(["CancelRejected", "OrderAccepted", "OrderCanceled"]);
      await close();
    });

    test("a bad order is rejected with a reason", async () => {
      const { client, reportsAt, close } = inOpenMarket();
      client.send({ type: "Submit", order: order({ market: marketId("btc", "5m", 0) }) });
      expect(await reportsAt(500)).toMatchObject([
        { type: "OrderRejected", reason: "the orderbook btc-updown-5m-0 does not exist" },
      ]);
      await close();
    });

    test("an order sent again trades once and is told again", async () => {
      const { client, reportsAt, reconcile, close } = inOpenMarket();
      const sent = order();
      client.send({ type: "Submit", order: sent });
      const story = await reportsAt(500);
      client.send({ type: "Submit", order: sent });
      expect(await reportsAt(500)).toEqual([...story, ...story]);
      expect(await reconcile([sent])).toMatchObject({
        orders: [{ status: "filled", fills: [{ tradeId: `${sent.clientOrderId}#0` }] }],
        totals: { orders: 1, fills: 1 },
      });
      await close();
    });

    test("reconciliation tells what is held, and that an order was never seen", async () => {
      const { client, reportsAt, reconcile, close } = inOpenMarket();
      const sent = order();
      const neverSent = order();
      client.send({ type: "Submit", order: sent });
      await reportsAt(500);
      expect(await reconcile([sent, neverSent])).toMatchObject({
        holdings: [{ market: ID, side: "up", sharesMicros: 10 * USDC }],
        orders: [{ status: "filled" }, { clientOrderId: neverSent.clientOrderId, status: "unknown" }],
        resolutions: [],
      });
      await close();
    });

    test("a market resolves after its close and its winners are paid once", async () => {
      const { client, recorder, reportsAt, reconcile, close } = inOpenMarket();
      client.send({ type: "Submit", order: order() });
      await reportsAt(500);
      client.observe([tick(CLOSE_MS, STRIKE)]);
      await reportsAt(CLOSE_MS - NOW_MS + 150_000);
      expect(recorder.of("MarketResolved")).toMatchObject([{ market: ID, outcome: "up" }]);
      const before = await reconcile();
      client.send({ type: "Claim", market: ID });
      client.send({ type: "Claim", market: ID });
      await reportsAt(CLOSE_MS - NOW_MS + 151_000);
      expect(recorder.of("Claimed").map(({ amountMicros }) => amountMicros)).toEqual([10 * USDC, 10 * USDC]);
      expect((await reconcile()).cashMicros).toBe(before.cashMicros + 10 * USDC);
      await close();
    });

    test("quotes come as one batch of market events", async () => {
      const { recorder, reportsAt, close } = inOpenMarket();
      await reportsAt(0);
      expect(recorder.batches).toMatchObject([[{ type: "Quoted", market: ID, quote: { atMs: NOW_MS } }]]);
      await close();
    });

    test("closing tells what was sent before it, and nothing after it", async () => {
      const { recorder, client, close } = inOpenMarket();
      client.send({ type: "Submit", order: order() });
      client.advance(NOW_MS + 500);
      await close();
      client.send({ type: "Submit", order: order() });
      client.advance(NOW_MS + 1_000);
      expect(recorder.reports.map(({ type }) => type)).toEqual(["OrderAccepted", "OrderFilled"]);
      await client.close();
    });
  });
}
