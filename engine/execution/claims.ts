// From a market's resolution to money back in cash. A claim is asked for once it is durable, and asked again until it is answered.
import type { MarketId } from "../base/ids.ts";
import type { Outcome } from "../market/market.ts";
import type { MarketRow } from "../store/tables.ts";
import type { Turn } from "../turn.ts";

/** Asked again this long after an unanswered request; alarmed after several. */
const RETRY_MS = 60_000;
const STUCK_MS = 600_000;

export interface Resolution {
  readonly outcome: Outcome;
  readonly claim: "none" | "requested" | "claimed";
  /** What we are owed while requested, what we got once claimed. */
  readonly amountMicros: number;
}

interface Pending extends Resolution {
  readonly sinceMs: number;
  readonly askedMs: number;
}

export class Claims {
  readonly #resolutions = new Map<MarketId, Pending>();
  /** Markets whose row changed since last asked. */
  readonly #changed = new Set<MarketId>();

  constructor(markets: readonly MarketRow[]) {
    for (const row of markets) {
      if (row.venueOutcome === null) continue;
      this.#resolutions.set(row.market, {
        outcome: row.venueOutcome,
        claim: row.claimStatus,
        amountMicros: row.claimedMicros,
        sinceMs: row.closeMs,
        askedMs: 0,
      });
    }
  }

  of(market: MarketId): Resolution | null {
    return this.#resolutions.get(market) ?? null;
  }

  /** Markets with a requested claim: a restart asks the venue about them. */
  get requested(): MarketId[] {
    return [...this.#resolutions]
      .filter(([, resolution]) => resolution.claim === "requested")
      .map(([market]) => market);
  }

  resolved(market: MarketId, outcome: Outcome, payoutMicros: number, turn: Turn): void {
    if (this.#resolutions.has(market)) return;
    const claim = payoutMicros > 0 ? "requested" : "none";
    this.#resolutions.set(market, {
      outcome,
      claim,
      amountMicros: payoutMicros,
      sinceMs: turn.nowMs,
      askedMs: turn.nowMs,
    });
    this.#changed.add(market);
    if (claim === "requested") turn.sendWhenDurable({ type: "Claim", market });
  }

  /** The amount that was expected; null for an answer to a question that is not open. */
  claimed(market: MarketId, amountMicros: number, turn: Turn): number | null {
    const pending = this.#resolutions.get(market);
    if (pending === undefined || pending.claim !== "requested") return null;
    this.#resolutions.set(market, { ...pending, claim: "claimed", amountMicros });
    this.#changed.add(market);
    turn.clearAlarm("claim-stuck", market);
    return pending.amountMicros;
  }

  /** Asks again for what has not been answered. */
  retry(turn: Turn): void {
    for (const [market, pending] of this.#resolutions) {
      if (pending.claim !== "requested" || turn.nowMs - pending.askedMs < RETRY_MS) continue;
      this.#resolutions.set(market, { ...pending, askedMs: turn.nowMs });
      turn.send({ type: "Claim", market });
      if (turn.nowMs - pending.sinceMs > STUCK_MS) {
        turn.alarm(
          "claim-stuck",
          "warning",
          market,
          `The claim of ${pending.amountMicros} micro-USDC in ${market} is not answered`,
        );
      }
    }
  }

  takeChanged(): MarketId[] {
    const changed = [...this.#changed];
    this.#changed.clear();
    return changed;
  }

  forget(isOld: (market: MarketId) => boolean): void {
    for (const [market, { claim }] of this.#resolutions)
      if (claim !== "requested" && isOld(market)) this.#resolutions.delete(market);
  }
}
