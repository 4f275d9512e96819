// Values on the command line.
import { InvalidArgumentError } from "commander";

const MICROS = 1_000_000;

/** `2026-01-05T00:15Z`, `2026-01-05`: ms UTC. */
export function parseInstant(text: string): number {
  const atMs = Date.parse(
    /^\d{4}-\d{2}-\d{2}(T[\d:.]+)?$/.test(text) ? `${text}${text.includes("T") ? "Z" : ""}` : text,
  );
  if (!/^\d{4}-\d{2}-\d{2}/.test(text) || Number.isNaN(atMs)) {
    throw new InvalidArgumentError("Expected a time in UTC, such as 2026-01-05T00:15Z.");
  }
  return atMs;
}

/** Micro-USDC, or micro-units. */
export function parseMoney(text: string): number {
  const micros = Math.round(Number(text) * MICROS);
  if (!/^\d+(\.\d{1,6})?$/.test(text) || !Number.isSafeInteger(micros) || micros === 0) {
    throw new InvalidArgumentError("Expected an amount above 0 with at most six decimals.");
  }
  return micros;
}

/** Parts per million. */
export function parseShare(text: string): number {
  const ppm = Math.round(Number(text) * MICROS);
  if (!/^0?(\.\d{1,6})$|^0$/.test(text)) throw new InvalidArgumentError("Expected a share below 1, such as 0.001.");
  return ppm;
}

/** `trigger=2.5`, as the declared param will take it. */
export function collectParam(text: string, before: Record<string, string>): Record<string, string> {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("Expected name=value.");
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}
