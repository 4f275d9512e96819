// Every invariant that can be checked on what a bot left behind, in the order in which they are shown.

import { commandOnce, controlsStrictlyIncreasing, entriesRespectLatches } from "./checks/controls.ts";
import { checkDecisions } from "./checks/decisions.ts";
import { EXCHANGE_RULES } from "./checks/exchange.ts";
import {
  cashConserved,
  doubleEntryBalances,
  fillsAreBooked,
  noTransferIsMissing,
  transfersAreWhatTheySay,
} from "./checks/money.ts";
import {
  feeMatchesFormula,
  fillsNameTheirOrder,
  fillsWithinOrder,
  noOrderBeforeItsIntent,
  nothingUnresolved,
  oneOrderIdPerIntent,
  terminalOrdersStay,
} from "./checks/orders.ts";
import { positionCashEqualsTransfers, positionEqualsFills, positionNamesItsEntry } from "./checks/positions.ts";
import { receiptsAreLegal } from "./checks/receipts.ts";
import { claimedAtMostWon, outcomeMatchesPrices, resolvedMeansSettled, settledOnce } from "./checks/settlement.ts";
import { ordinalsNameOneVersion, paramsHashToTheirName, versionInStore } from "./checks/versions.ts";
import { checkRows, type Evidence, type Invariant, type SqlRule, Tally } from "./invariant.ts";
import { takeSums } from "./sums.ts";

const LEDGER_RULES: readonly SqlRule[] = [
  doubleEntryBalances,
  noTransferIsMissing,
  transfersAreWhatTheySay,
  cashConserved,
  fillsAreBooked,
  positionEqualsFills,
  positionCashEqualsTransfers,
  positionNamesItsEntry,
  oneOrderIdPerIntent,
  noOrderBeforeItsIntent,
  fillsNameTheirOrder,
  fillsWithinOrder,
  terminalOrdersStay,
  nothingUnresolved,
  settledOnce,
  outcomeMatchesPrices,
  resolvedMeansSettled,
  claimedAtMostWon,
  ordinalsNameOneVersion,
  entriesRespectLatches,
];

/** Those that are questions to the ledger alone, half of the work of an audit. Leaves temporary tables behind. */
export function checkLedger(evidence: Evidence): Invariant[] {
  takeSums(evidence.db);
  return LEDGER_RULES.map((rule) => checkRows(rule, evidence));
}

/** The others: of ledger and version store, and of the exchange. Those of the journal are its walk's. */
export function checkBeside(evidence: Evidence): Invariant[] {
  return [
    feeMatchesFormula(evidence),
    versionInStore(evidence),
    paramsHashToTheirName(evidence),
    ...checkDecisions(evidence),
    controlsStrictlyIncreasing(evidence),
    commandOnce(evidence),
    receiptsAreLegal(evidence),
    ...EXCHANGE_RULES.map((rule) =>
      evidence.hasExchange ? checkRows(rule, evidence) : new Tally(rule).end("there is no simulated exchange here"),
    ),
  ];
}
