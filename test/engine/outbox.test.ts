// Durable first, sent after: nothing overtakes the transaction it waits for.
import { expect, test } from "vitest";
import { Outbox } from "../../engine/outbox.ts";
import type { VenueCommand } from "../../engine/venues/port.ts";
import { marketOf } from "../support/core.ts";

const claim = (openMs: number): VenueCommand => ({ type: "Claim", market: marketOf("btc", openMs) });
const row = { table: "meta", row: { name: "n", value: "v" } } as const;

/** An outbox with one command in each of these many batches. */
function withBatches(count: number): Outbox {
  const outbox = new Outbox();
  for (let batch = 1; batch <= count; batch++) {
    outbox.writes.push(row);
    outbox.commands.push(claim(batch));
    expect(outbox.commit()).toEqual({ seq: batch, urgent: true, writes: [row] });
  }
  return outbox;
}

test("nothing written is no transaction", () => {
  expect(new Outbox().commit()).toBeNull();
});

test("a batch without commands can wait", () => {
  const outbox = new Outbox();
  outbox.writes.push(row);
  expect(outbox.commit()?.urgent).toBe(false);
});

test("a command leaves with its own batch, not with an earlier one, and once", () => {
  const outbox = withBatches(2);
  expect(outbox.durable(1)).toEqual([claim(1)]);
  expect(outbox.durable(1)).toEqual([]);
  expect(outbox.durable(2)).toEqual([claim(2)]);
});

test("one word from the disk stands for all batches up to it, and their commands leave in order", () => {
  expect(withBatches(3).durable(3)).toEqual([claim(1), claim(2), claim(3)]);
});
