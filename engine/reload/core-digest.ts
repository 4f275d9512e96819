// A digest of what a reload must not touch: orders, positions, money and latches. Equal before and after a boundary.
import type { Desk } from "../execution/desk.ts";
import type { Latches } from "../latches.ts";
import { latchId } from "../latches.ts";

/** 16 hex digits. */
export function coreDigest(desk: Desk, latches: Latches): string {
  const digest = new Digest();
  for (const { clientOrderId, status } of desk.liveOrders) digest.add(`${clientOrderId} ${status}`);
  for (const position of desk.openPositions) {
    const { slot, market, side, sharesMicros, costMicros, version } = position;
    digest.add(`${slot} ${market} ${side} ${sharesMicros} ${costMicros} ${version.code} ${version.params}`);
  }
  for (const latch of latches.standing) digest.add(`${latchId(latch)} ${latch.mode}`);
  digest.add(String(desk.ledger.balance("cash")));
  return digest.hex;
}

/** FNV-1a, twice with different starts: it tells whether something changed, and guards against nobody. */
class Digest {
  #low = 0x811c9dc5;
  #high = 0x050c5d1f;

  add(text: string): void {
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      this.#low = Math.imul(this.#low ^ code, 0x01000193);
      this.#high = Math.imul(this.#high ^ code, 0x01000193);
    }
    this.#low = Math.imul(this.#low ^ 0x1f, 0x01000193);
    this.#high = Math.imul(this.#high ^ 0x1e, 0x01000193);
  }

  get hex(): string {
    return [this.#high, this.#low].map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
  }
}
