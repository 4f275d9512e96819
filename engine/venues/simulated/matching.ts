// What an incoming order takes from a book: level by level, at the price of the level, never beyond its limit.
import type { OrderAction } from "../../execution/order.ts";
import type { Book, Level } from "./book.ts";

export interface Terms {
  readonly action: OrderAction;
  readonly limitMicros: number;
  readonly sharesMicros: number;
}

/** The levels of the order's own token that it may take, each cut to what it still wants. */
export function take(book: Book, { action, limitMicros, sharesMicros }: Terms): readonly Level[] {
  const taken: Level[] = [];
  let wanted = sharesMicros;
  for (const level of action === "buy" ? book.asks : book.bids) {
    const isWithinLimit = action === "buy" ? level.priceMicros <= limitMicros : level.priceMicros >= limitMicros;
    if (wanted === 0 || !isWithinLimit) break;
    const shares = Math.min(wanted, level.sharesMicros);
    taken.push({ priceMicros: level.priceMicros, sharesMicros: shares });
    wanted -= shares;
  }
  return taken;
}

export const sharesIn = (levels: readonly Level[]): number =>
  levels.reduce((sum, level) => sum + level.sharesMicros, 0);
