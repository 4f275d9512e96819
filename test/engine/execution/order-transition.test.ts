// The life of an order: every state meets every event, and nothing goes back.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { filledShares, isTerminal, type OrderStatus } from "../../../engine/execution/order.ts";
import { orderOfRow, orderRow } from "../../../engine/execution/order-row.ts";
import { type OrderEvent, transition } from "../../../engine/execution/order-transition.ts";
import { NOON, UNIT } from "../../support/a-market.ts";
import { anIntent, anOrder } from "../../support/an-order.ts";

const atMs = NOON + 1_000;
const EVENTS = {
  sent: { type: "Sent", atMs },
  accepted: { type: "Accepted", venueOrderId: "v1", atMs },
  rejected: { type: "Rejected", reason: "no", atMs },
  "filled 4": { type: "Filled", sharesMicros: 4 * UNIT, atMs },
  "filled 10": { type: "Filled", sharesMicros: 10 * UNIT, atMs },
  "cancel asked": { type: "CancelAsked", atMs },
  "cancel refused": { type: "CancelRefused", atMs },
  canceled: { type: "Canceled", reason: "killed", atMs },
  "never arrived": { type: "NeverArrived", atMs },
} as const satisfies Record<string, OrderEvent>;

/** What each event makes of an order in each state; "·" is ignored, "!" contradicts the ledger. Orders are of 10 shares, none filled unless said. */
const TABLE = `
                  | sent      | accepted        | rejected | filled 4        | filled 10 | cancel asked  | cancel refused  | canceled | never arrived
Initialized       | Submitted | Accepted        | Rejected | PartiallyFilled | Filled    | PendingCancel | ·               | Canceled | Expired
Submitted         | ·         | Accepted        | Rejected | PartiallyFilled | Filled    | PendingCancel | ·               | Canceled | Expired
Submitted 4       | ·         | PartiallyFilled | Rejected | PartiallyFilled | Filled!   | PendingCancel | ·               | Canceled | Expired
Accepted          | ·         | ·               | Rejected | PartiallyFilled | Filled    | PendingCancel | ·               | Canceled | Expired
PartiallyFilled 4 | ·         | ·               | Rejected | PartiallyFilled | Filled!   | PendingCancel | ·               | Canceled | Expired
PartiallyFilled 6 | ·         | ·               | Rejected | Filled          | Filled!   | PendingCancel | ·               | Canceled | Expired
PendingCancel     | ·         | ·               | Rejected | PendingCancel   | Filled    | ·             | Accepted        | Canceled | Expired
PendingCancel 4   | ·         | ·               | Rejected | PendingCancel   | Filled!   | ·             | PartiallyFilled | Canceled | Expired
Filled 10         | ·         | ·               | ·        | Filled!         | Filled!   | ·             | ·               | ·        | ·
Denied            | ·         | ·               | ·        | Canceled!       | Canceled! | ·             | ·               | ·        | ·
Canceled          | ·         | ·               | ·        | Canceled!       | Canceled! | ·             | ·               | ·        | ·
Canceled 4        | ·         | ·               | ·        | Canceled!       | Canceled! | ·             | ·               | ·        | ·
Rejected          | ·         | ·               | ·        | Canceled!       | Canceled! | ·             | ·               | ·        | ·
Expired           | ·         | ·               | ·        | Canceled!       | Canceled! | ·             | ·               | ·        | ·
`;

const [head, ...rows] = TABLE.trim()
  .split("\n")
  .map((line) => line.split("|").map((cell) => cell.trim()));
const cells = rows.flatMap(([state, ...results]) =>
  results.map((expected, column) => ({ state: state!, event: head![column + 1]! as keyof typeof EVENTS, expected })),
);

describe("every state and every event", () => {
  test("are in the table", () => {
    expect(new Set(rows.map(([state]) => state!.split(" ")[0])).size).toBe(10);
    expect(head!.slice(1)).toEqual(Object.keys(EVENTS));
  });

  test.each(cells)("$state, $event: $expected", ({ state, event, expected }) => {
    const [status, filled = "0"] = state.split(" ");
    const before = anOrder(status as OrderStatus, Number(filled));
    const result = transition(before, EVENTS[event]);
    if (result.type === "Ignored") return expect("·").toBe(expected);
    expect(`${result.order.status}${result.type === "Contradicts" ? "!" : ""}`).toBe(expected);
    expect(result.order.updatedAtMs).toBe(atMs);
    const happened: OrderEvent = EVENTS[event];
    const added = happened.type === "Filled" ? happened.sharesMicros : 0;
    expect(filledShares(result.order)).toBe(filledShares(before) + added);
  });
});

test("the venue's id is kept when it becomes known late", () => {
  const order = { ...anOrder("PartiallyFilled", 4), venueOrderId: null } as ReturnType<typeof anOrder>;
  expect(transition(order, EVENTS.accepted)).toMatchObject({
    type: "Moved",
    order: { status: "PartiallyFilled", venueOrderId: "v1" },
  });
});

test("no sequence of events brings an order back from its end, lowers what is filled, or changes what was intended", () => {
  const event = fc.oneof(
    fc.constantFrom<OrderEvent>(...Object.values(EVENTS)),
    fc.integer({ min: 1, max: 5 }).map((shares): OrderEvent => ({ type: "Filled", sharesMicros: shares * UNIT, atMs })),
  );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 30 }), (events) => {
      let order: ReturnType<typeof anOrder> = anIntent();
      let filled = 0;
      for (const each of events) {
        const result = transition(order, each);
        if (each.type === "Filled") filled += each.sharesMicros;
        if (result.type === "Ignored") continue;
        expect(isTerminal(order) && !(isTerminal(result.order) && result.type === "Contradicts")).toBe(false);
        expect({ ...result.order }).toMatchObject({
          clientOrderId: order.clientOrderId,
          sharesMicros: order.sharesMicros,
          limitMicros: order.limitMicros,
        });
        order = result.order;
        expect(filledShares(order)).toBe(filled);
        expect(isTerminal(order) || filled < order.sharesMicros).toBe(true);
      }
    }),
  );
});

test.each([
  "Initialized",
  "Denied",
  "Submitted",
  "Accepted",
  "PartiallyFilled",
  "PendingCancel",
  "Filled",
  "Canceled",
  "Rejected",
  "Expired",
] as const)("an order that is %s is the same after it was stored", (status) =>
  expect(orderOfRow(orderRow(anOrder(status, status === "Filled" ? 10 : 4)))).toEqual(
    anOrder(status, status === "Filled" ? 10 : 4),
  ));
