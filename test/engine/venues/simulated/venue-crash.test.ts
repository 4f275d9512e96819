// A real process, killed with SIGKILL in the middle of trading: what it had been told still holds.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { ExecutionReport, VenueOrder } from "../../../../engine/venues/port.ts";
import { SimulatedExchange } from "../../../../engine/venues/simulated/simulated-exchange.ts";
import { VenueFile } from "../../../../engine/venues/simulated/venue-file.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";
import { Recorder, SETTINGS } from "./world.ts";

const TRADER = fileURLToPath(new URL("./crash-child.ts", import.meta.url));

type Line = { readonly sent: VenueOrder } | { readonly report: ExecutionReport };

/** Runs the trader until it has said so many lines, kills it, and gives back all that it said. */
async function tradeAndKill(path: string, lines: number): Promise<readonly Line[]> {
  const child = spawn(process.execPath, [TRADER, path], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((resolve) => child.on("close", (_code, signal) => resolve(signal)));
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    said.push(line);
    if (said.length === lines) child.kill("SIGKILL");
  }
  expect(await ended).toBe("SIGKILL");
  // The last line may be torn.
  if (!said.at(-1)!.endsWith("}}")) said.pop();
  return said.map((line) => JSON.parse(line) as Line);
}

test.each([
  3, 40, 171, 400,
])("killed after %i lines, the exchange still knows all that it told, and no order is half done", async (lines) => {
  const path = join(temporaryFolder(), "exchange.db");
  const said = await tradeAndKill(path, lines);
  const sent = said.flatMap((line) => ("sent" in line ? [line.sent] : []));
  const told = said.flatMap((line) => ("report" in line ? [line.report] : []));
  expect(told.length).toBeGreaterThan(0);

  // Opening the file checks that cash equals opening cash, trades and claims together.
  const recorder = new Recorder();
  const file = new VenueFile(path);
  const exchange = new SimulatedExchange(SETTINGS, file, recorder);
  const ids = sent.map(({ clientOrderId }) => clientOrderId);
  const markets = [...new Set(sent.map(({ market }) => market))];
  exchange.handle({ type: "Reconcile", orders: ids, markets });
  const { snapshot } = recorder.of("Reconciled")[0]!;
  const stateOf = new Map(snapshot.orders.map((state) => [state.clientOrderId, state]));
  for (const report of told) {
    switch (report.type) {
      case "OrderFilled": {
        const state = stateOf.get(report.fill.clientOrderId)!;
        expect("fills" in state && state.fills).toContainEqual(report.fill);
        break;
      }
      case "OrderAccepted":
        expect(stateOf.get(report.clientOrderId)!.status).not.toMatch(/unknown|rejected/);
        break;
      case "OrderCanceled":
        expect(stateOf.get(report.clientOrderId)).toMatchObject({ status: "canceled", reason: report.reason });
        break;
      case "MarketResolved":
        expect(snapshot.resolutions).toContainEqual({ market: report.market, outcome: report.outcome });
        break;
      case "Claimed":
        expect(snapshot.claims).toContainEqual({ market: report.market, amountMicros: report.amountMicros });
        break;
      default:
        break;
    }
  }

  // Sent again, each order comes to one end, and none trades twice.
  for (const order of sent) exchange.handle({ type: "Submit", order });
  exchange.advance(snapshot.atMs + 1_000_000);
  exchange.handle({ type: "Reconcile", orders: ids, markets });
  const after = recorder.of("Reconciled")[1]!.snapshot;
  expect(
    after.orders.map(({ status }) => status).filter((status) => status === "open" || status === "unknown"),
  ).toEqual([]);
  for (const [index, order] of sent.entries()) {
    const state = after.orders[index]!;
    const fills = "fills" in state ? state.fills : [];
    expect(new Set(fills.map(({ tradeId }) => tradeId)).size).toBe(fills.length);
    expect(fills.reduce((sum, { sharesMicros }) => sum + sharesMicros, 0)).toBeLessThanOrEqual(order.sharesMicros);
  }
  file.close();
  new VenueFile(path).close();
});
