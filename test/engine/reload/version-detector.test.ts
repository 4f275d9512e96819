// One version, many assets: each has its own stream, and one score a close stands for all of them.
import { expect, test } from "vitest";
import { VersionDetector } from "../../../engine/reload/version-detector.ts";

const ASSETS = ["btc", "eth", "sol"];
const MINUTES_5 = 300_000;
const trade = (asset: string, won: boolean) => ({ asset, breakEven: 0.9, won });
const lossOf = (asset: string) => trade(asset, false);

test("assets that lose together are one event, and the pool does not multiply them", () => {
  const detector = new VersionDetector();
  const closes = Array.from({ length: 6 }, (_, close) => detector.settle((close + 1) * MINUTES_5, ASSETS.map(lossOf)));
  expect(closes.slice(0, 5).flat()).toEqual([]);
  expect(closes[5]!.map(({ scope, alarm }) => [scope, alarm.kind])).toEqual(
    ASSETS.map((asset) => [asset, "losing-run"]),
  );
  // Six closes of three losses each: 6 × ln 2, not 18 × ln 2.
  expect(detector.state.pool.fast).toMatchObject({ trades: 18, losses: 18 });
  expect(detector.state.pool.fast.value).toBeCloseTo(6 * Math.log(2), 2);
});

test("a loss that is spread over the assets is found by the pool, sooner than in any stream", () => {
  const detector = new VersionDetector();
  for (let close = 1; close <= 100; close++) {
    const alarms = detector.settle(
      close * MINUTES_5,
      ASSETS.map((asset, index) => trade(asset, (close + index) % 3 !== 0)),
    );
    if (alarms.length === 0) continue;
    expect(alarms).toMatchObject([{ scope: "all", alarm: { kind: "fast", trades: 3 * close, losses: close } }]);
    // Its score: ln((2 + 8/9 + 8/9) / 3) = 0.2305 a close.
    expect(close).toBe(Math.ceil(9.2 / 0.2305));
    expect(detector.state.pool).toEqual(new VersionDetector().state.pool);
    return;
  }
  throw new Error("No alarm in 100 closes");
});

test("an alarm of one asset leaves the others' evidence, and the pool's", () => {
  const detector = new VersionDetector();
  for (let close = 1; close <= 5; close++)
    detector.settle(close * MINUTES_5, [...ASSETS.map(lossOf), trade("xrp", true)]);
  const pooled = detector.state.pool.fast.value;
  expect(detector.settle(6 * MINUTES_5, [lossOf("btc")])).toMatchObject([{ scope: "btc" }]);
  expect(detector.state.assets.btc!.losingRun.losses).toBe(0);
  expect(detector.state.assets.eth!.losingRun.losses).toBe(5);
  expect(detector.state.pool.fast.value).toBeGreaterThan(pooled);
});

test("a trade that settles after its close is scored for its asset, and not a second time for the pool", () => {
  const detector = new VersionDetector();
  detector.settle(MINUTES_5, [lossOf("btc")]);
  const { pool } = detector.state;
  detector.settle(MINUTES_5, [lossOf("eth")]);
  expect(detector.state.pool).toEqual(pool);
  expect(detector.state.assets.eth!.losingRun.losses).toBe(1);
});

test("a close without trades changes nothing", () => {
  const detector = new VersionDetector();
  expect(detector.settle(MINUTES_5, [])).toEqual([]);
  expect(detector.state).toEqual(new VersionDetector().state);
});

test("its state goes through JSON", () => {
  const detector = new VersionDetector();
  for (let close = 1; close <= 4; close++) detector.settle(close * MINUTES_5, ASSETS.map(lossOf));
  const restored = new VersionDetector(JSON.parse(JSON.stringify(detector.state)));
  expect(restored.state).toEqual(detector.state);
  for (let close = 5; close <= 7; close++) {
    const trades = ASSETS.map(lossOf);
    expect(restored.settle(close * MINUTES_5, trades)).toEqual(detector.settle(close * MINUTES_5, trades));
  }
});
