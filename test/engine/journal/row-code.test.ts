import fc from "fast-check";
import { expect, test } from "vitest";
import { decisionDigest } from "../../../engine/journal/decision-digest.ts";
import type { RecordedDecision } from "../../../engine/journal/port.ts";
import { FORMAT_VERSION, RowDecoder, RowEncoder } from "../../../engine/journal/row-code.ts";
import { versionRef } from "../../support/version-facts.ts";
import { entry, value, writes } from "./an-entry.ts";

const row = fc.record({ entry, writes, isKey: fc.boolean() });

function decisionOf(frame: Float64Array): RecordedDecision {
  const by = { slot: "BTC-5m-momentum", version: versionRef(), memory: "null" } as const;
  const signal = { kind: "hold", reason: "no edge" } as const;
  return { request: { ...by, frame }, result: { type: "Decided", ...by, signal, fuel: 19 } } as RecordedDecision;
}
const decided = (frame: Float64Array) => [{ type: "Decided", cycle: 1, decisions: [decisionOf(frame)] }] as const;

const bitsOf = (events: readonly object[]): string[] =>
  events.flatMap((event) =>
    "decisions" in event
      ? (event.decisions as readonly RecordedDecision[]).map(({ request }) =>
          Buffer.from(request.frame.buffer).toString("hex"),
        )
      : [],
  );

test("rows come back to the bit, in groups, with whatever the core was told", () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 6 }), (rows) => {
      const [encoder, decoder] = [new RowEncoder(), new RowDecoder()];
      for (const [index, { entry, writes, isKey }] of rows.entries()) {
        const isFirst = isKey || index === 0;
        const body = encoder.encode(entry, writes, isFirst);
        const decoded = decoder.decode(body, isFirst);
        expect(decoded.events).toStrictEqual(entry);
        expect(decoded.writes).toStrictEqual(writes);
        expect(bitsOf(decoded.events)).toEqual(bitsOf(entry));
      }
    }),
    { numRuns: 150 },
  );
});

test("a key row needs no row before it", () => {
  fc.assert(
    fc.property(row, row, (first, second) => {
      const encoder = new RowEncoder();
      encoder.encode(first.entry, first.writes, true);
      const body = encoder.encode(second.entry, second.writes, true);
      expect(new RowDecoder().decode(body, true)).toStrictEqual({ events: second.entry, writes: second.writes });
    }),
    { numRuns: 50 },
  );
});

test("a frame that changes in its own buffer comes back as it was each time", () => {
  const edits = fc.array(
    fc.record({
      move: fc.constantFrom("left", "right", "repeat", "none"),
      at: fc.nat({ max: 39 }),
      number: fc.oneof(fc.double(), fc.constantFrom(0, -0, Number.NaN)),
    }),
    { minLength: 1, maxLength: 12 },
  );
  fc.assert(
    fc.property(edits, (edits) => {
      const buffer = new Float64Array(42);
      const frame = buffer.subarray(1, 41);
      const [encoder, decoder] = [new RowEncoder(), new RowDecoder()];
      for (const [index, { move, at, number }] of edits.entries()) {
        if (move === "left") frame.copyWithin(at, at + 1);
        if (move === "right") frame.copyWithin(at + 1, at);
        if (move === "repeat") frame.fill(number, at);
        frame[at] = number;
        const body = encoder.encode(decided(frame), [], index === 0);
        const { events } = decoder.decode(body, index === 0);
        expect(events).toStrictEqual(decided(frame.slice()));
      }
    }),
    { numRuns: 100 },
  );
});

test.each([0, 1, 8_192])("a frame of %i numbers comes back", (length) => {
  const frame = Float64Array.from({ length }, (_, at) => Math.sin(at));
  const body = new RowEncoder().encode(decided(frame), [], true);
  expect(new RowDecoder().decode(body, true).events).toStrictEqual(decided(frame));
  // In the next row it has not changed.
  const encoder = new RowEncoder();
  encoder.encode(decided(frame), [], true);
  expect(encoder.encode(decided(frame), [], false).length).toBeLessThan(40);
});

test("any plain value comes back, with what JSON has no word for", () => {
  fc.assert(
    fc.property(value, (given) => {
      const event = { type: "Noted", notes: given } as never;
      const body = new RowEncoder().encode([event], [], true);
      expect(new RowDecoder().decode(body, true).events).toStrictEqual([event]);
    }),
    { numRuns: 300 },
  );
});

test("what cannot come back as it is, is refused", () => {
  const refused = [() => 1, Symbol("x"), new Date(0), new (class Price {})()];
  for (const given of refused) {
    expect(() => new RowEncoder().encode([{ type: "Noted", notes: given } as never], [], true)).toThrow("recorded");
  }
  expect(() => new RowEncoder().encode([{ type: "Guessed" } as never], [], true)).toThrow("Unhandled event");
});

test("a row of a newer format says so", () => {
  const body = new RowEncoder().encode([], [], true);
  body[0] = FORMAT_VERSION + 1;
  expect(() => new RowDecoder().decode(body, true)).toThrow(
    `its format is version ${FORMAT_VERSION + 1}, this engine reads up to ${FORMAT_VERSION}`,
  );
});

test("a decision that is not the one of its digest is not read", () => {
  const body = new RowEncoder().encode(decided(Float64Array.of(1, 2)), [], true);
  const [digestEnd, count] = [body.length - 2, body.length - 1];
  expect(body[count]).toBe(0);
  body[digestEnd]! ^= 1;
  expect(() => new RowDecoder().decode(body, true)).toThrow("BTC-5m-momentum has another digest");
});

test("a digest tells decisions apart by what was asked, of whom, and what was answered", () => {
  const one = decisionOf(Float64Array.of(1, Number.NaN));
  const { request, result } = one;
  const others = [
    decisionOf(Float64Array.of(1)),
    decisionOf(Float64Array.of(1, 2)),
    { request: { ...request, slot: "ETH-5m-momentum" }, result },
    { request: { ...request, version: versionRef({ params: "1" }) }, result },
    { request: { ...request, memory: "1" }, result },
    { request: { ...request, migrateFrom: "" }, result },
    { request, result: { ...result, fuel: 20 } },
    { request, result: { ...result, memory: "1" } },
    { request, result: { ...result, signal: { kind: "exit", reason: "no edge" } } },
    { request, result: { ...result, signal: { kind: "hold", reason: "no edge!" } } },
    { request, result: { ...result, signal: { kind: "up", probability: 0.5, limit: null, reason: "no edge" } } },
    { request, result: { ...result, signal: { kind: "up", probability: 0.5, limit: 0, reason: "no edge" } } },
    {
      request,
      result: { ...request, type: "Faulted", fault: { kind: "fuel", message: "", where: null, frame: null }, fuel: 19 },
    },
  ] as readonly RecordedDecision[];
  const digests = [one, ...others].map(decisionDigest);
  expect(new Set(digests).size).toBe(digests.length);
  for (const digest of digests) expect(digest).toMatch(/^[0-9a-f]{16}$/);
  expect(decisionDigest(structuredClone(one))).toBe(digests[0]);
});
