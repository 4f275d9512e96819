// A data directory with as many trades as wanted and no bot behind them: every row consistent with every other, quickly made.
import { ASSETS, type Asset } from "../../dsl/asset.ts";
import { canonicalJson } from "../../engine/base/canonical-json.ts";
import { clientOrderId, type ParamsHash, slotId, type TradeId } from "../../engine/base/ids.ts";
import type { DecisionResult } from "../../engine/decide/decision.ts";
import { decisionRows } from "../../engine/decide/decision-rows.ts";
import type { VersionRef } from "../../engine/decide/version.ts";
import { takerFeeMicros } from "../../engine/execution/fees.ts";
import { addBuy, openPosition, positionRow, settle } from "../../engine/execution/position.ts";
import { type Account, Ledger } from "../../engine/ledger/ledger.ts";
import type { Side } from "../../engine/market/market.ts";
import { GROUP_COMMITS_MAX, InThreadStore } from "../../engine/store/in-thread-store.ts";
import type { Write } from "../../engine/store/tables.ts";
import { codeVersionOf, sha256 } from "../../engine/versions/code-version.ts";
import type { Artifact } from "../../engine/versions/port.ts";
import { VersionStore } from "../../engine/versions/version-store.ts";
import { aMarket, e18, STRIKE, UNIT } from "./a-market.ts";

const START_MS = Date.UTC(2026, 0, 1);
const WINDOW_MS = 300_000;
const SHARES = 10 * UNIT;
const CASH = 1_000_000_000 * UNIT;
/** Two that take turns for an eighth of the time each: eight seams. */
const SOURCES = ["export default 1;\n", "export default 2;\n"];
const TURNS = 8;
const STRATEGY = "momentum";

/** Fills `dir`: one window of each asset a cycle, each bought, settled and claimed, half of them won. */
export async function makeSyntheticLedger(dir: string, trades: number): Promise<void> {
  const store = new InThreadStore(
    { dir, groupCommits: GROUP_COMMITS_MAX },
    {
      durable: () => {},
      failed: ({ message }) => {
        throw new Error(message);
      },
    },
  );
  await store.recover();
  const versions = SOURCES.map((source, index) => keptVersion(dir, source, index + 1));
  const ledger = new Ledger([], 0);
  const nobody = { market: null, slot: null, version: null, reference: null };
  const deposit = ledger.transfer("deposit", "cash", "equity", CASH, nobody, { cycle: 0, atMs: START_MS });
  const admitted = versions.map(
    ({ strategy, code, ordinal }): Write => ({
      table: "versions",
      row: { strategy, code, ordinal, firstSeenMs: START_MS },
    }),
  );
  store.commit({ seq: 1, writes: [deposit!, ...admitted] });
  const cycles = Math.ceil(trades / ASSETS.length);
  for (let cycle = 1; cycle <= cycles; cycle++) {
    const turn = Math.floor(((cycle - 1) * TURNS) / cycles);
    const isSeam = cycle === 1 || turn !== Math.floor(((cycle - 2) * TURNS) / cycles);
    const assets = ASSETS.slice(0, Math.min(ASSETS.length, trades - (cycle - 1) * ASSETS.length));
    const version = versions[turn % versions.length]!;
    store.commit({ seq: cycle + 1, writes: cycleWrites({ cycle, assets, version, isSeam, ledger }) });
  }
  await store.close();
}

function keptVersion(dir: string, source: string, ordinal: number): VersionRef {
  const [entry, sources, digests] = [`${STRATEGY}.ts`, { [`${STRATEGY}.ts`]: source }, { dsl: "d" }];
  const artifact: Artifact = {
    ...{ strategy: STRATEGY, entry, sources, digests },
    code: codeVersionOf(entry, sources, digests),
    ...{ bundle: source, sourceMap: "{}", analysis: { places: { reads: [], thrown: [] }, stateWrites: [] } },
  };
  new VersionStore(dir).put(artifact);
  return { strategy: STRATEGY, code: artifact.code, params: sha256(PARAMS) as ParamsHash, ordinal };
}

const PARAMS = canonicalJson({ trigger: 2 });

interface SyntheticCycle {
  readonly cycle: number;
  readonly assets: readonly Asset[];
  readonly version: VersionRef;
  readonly isSeam: boolean;
  readonly ledger: Ledger;
}

function cycleWrites({ cycle, assets, version, isSeam, ledger }: SyntheticCycle): Write[] {
  const openMs = START_MS + cycle * WINDOW_MS;
  const atMs = openMs + 1_000;
  const results: DecisionResult[] = [];
  const writes: Write[] = [];
  for (const [index, asset] of assets.entries()) {
    const side: Side = (cycle + index) % 3 === 0 ? "down" : "up";
    const hasWon = (cycle * 7 + index) % 2 === 0;
    const slot = slotId(asset, "5m", STRATEGY);
    const probability = 0.5 + ((cycle + index) % 40) / 100;
    results.push({
      type: "Decided",
      ...{ slot, version, memory: "null", fuel: 40 },
      signal: { kind: side, probability, limit: null, reason: "edge" },
    });
    if (isSeam) {
      const { strategy, code, params, ordinal } = version;
      const row = { cycle, slot, strategy, code, params, ordinal, paramsJson: PARAMS, atMs };
      writes.push({ table: "activations", row });
    }
    writes.push(...tradeWrites({ cycle, atMs, asset, openMs, side, hasWon, probability, version, ledger }));
  }
  return [...writes, ...decisionRows(cycle, atMs, results)];
}

interface SyntheticTrade {
  readonly cycle: number;
  readonly atMs: number;
  readonly asset: Asset;
  readonly openMs: number;
  readonly side: Side;
  readonly hasWon: boolean;
  readonly probability: number;
  readonly version: VersionRef;
  readonly ledger: Ledger;
}

function tradeWrites(trade: SyntheticTrade): Write[] {
  const { cycle, atMs, asset, openMs, side, hasWon, probability, version, ledger } = trade;
  const { strategy, code, params, ordinal } = version;
  const madeBy = { strategy, code, params };
  const market = aMarket({ asset, openMs });
  const slot = slotId(asset, "5m", STRATEGY);
  const id = clientOrderId(slot, openMs, cycle, "entry");
  const priceMicros = 400_000 + 10_000 * (cycle % 20);
  const feeMicros = takerFeeMicros(SHARES, priceMicros, market.feeRatePpm);
  const tradeId = `${id}#0` as TradeId;
  const fill = {
    tradeId,
    clientOrderId: id,
    priceMicros,
    sharesMicros: SHARES,
    feeMicros,
    liquidity: "taker",
    atMs,
  } as const;
  const held = addBuy(openPosition(slot, market.id, side, version, cycle, atMs), fill);
  const outcome = hasWon ? side : side === "up" ? "down" : "up";
  const settled = settle(held, outcome, market.closeMs + 1_000);
  const moved = (
    kind: Parameters<Ledger["transfer"]>[0],
    debit: Account,
    credit: Account,
    micros: number,
    isOfFill = false,
  ) => {
    const ofSlot = { market: market.id, slot, version, reference: isOfFill ? tradeId : null };
    const cause = kind === "claim" ? { ...ofSlot, slot: null, version: null } : ofSlot;
    const write = ledger.transfer(kind, debit, credit, micros, cause, { cycle, atMs });
    return write === null ? [] : [write];
  };
  const { profitMicros, payoutMicros } = settled;
  const shared = { slot, market: market.id, action: "buy", side, cycle, ...madeBy } as const;
  return [
    {
      table: "markets",
      row: {
        ...{ market: market.id, asset, interval: "5m", openMs, closeMs: market.closeMs, facts: JSON.stringify(market) },
        strikeE18: e18(STRIKE).toString(),
        endE18: e18(outcome === "up" ? STRIKE + 1 : STRIKE - 1).toString(),
        ...{ computedOutcome: outcome, venueOutcome: outcome },
        claimStatus: hasWon ? "claimed" : "none",
        claimedMicros: payoutMicros,
      },
    },
    {
      table: "orders",
      row: {
        ...{
          ...shared,
          clientOrderId: id,
          venueOrderId: `0x${id}`,
          leg: "entry",
          ordinal,
          reason: "edge",
          probability,
        },
        ...{ limitMicros: priceMicros, sharesMicros: SHARES, filledSharesMicros: SHARES, timeInForce: "FAK" },
        ...{ status: "Filled", statusReason: null, createdAtMs: atMs, updatedAtMs: atMs },
      },
    },
    { table: "fills", row: { ...fill, ...shared } },
    { table: "positions", row: positionRow(settled.position) },
    ...moved("buy", `position:${slot}`, "cash", held.costMicros, true),
    ...moved("fee", `fees:${slot}`, "cash", feeMicros, true),
    ...moved("payout", "claims", `position:${slot}`, payoutMicros),
    ...(profitMicros >= 0
      ? moved("profit", `position:${slot}`, `pnl:${slot}`, profitMicros)
      : moved("loss", `pnl:${slot}`, `position:${slot}`, -profitMicros)),
    ...moved("claim", "cash", "claims", payoutMicros),
  ];
}
