// Seeded randomness as pure functions of (seed, coordinates): no hidden state, so any instant can be drawn again.

/** Mixes integers into 32 uniformly distributed bits (murmur3 finaliser over a running hash). */
export function hash32(seed: number, a: number, b = 0, c = 0): number {
  let h = seed | 0;
  h = mix(h, a);
  h = mix(h, b);
  h = mix(h, c);
  return finish(h);
}

function mix(h: number, value: number): number {
  let k = Math.imul(value ^ (Math.floor(value / 4294967296) * 0x9e3779b1), 0xcc9e2d51);
  k = (k << 15) | (k >>> 17);
  h ^= Math.imul(k, 0x1b873593);
  h = (h << 13) | (h >>> 19);
  return (Math.imul(h, 5) + 0xe6546b64) | 0;
}

function finish(h: number): number {
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Uniform in (0, 1): never 0, never 1. */
export const uniform = (seed: number, a: number, b = 0, c = 0): number => (hash32(seed, a, b, c) + 0.5) / 4294967296;

/** Standard normal by Box and Muller, from two draws at neighbouring coordinates. */
export function gaussian(seed: number, a: number, b = 0, c = 0): number {
  const u = uniform(seed ^ 0x5bd1e995, a, b, c);
  const v = uniform(seed ^ 0x27d4eb2f, a, b, c);
  return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v);
}

/** 32-bit seed of a name, so that assets and slots draw from different streams (FNV-1a). */
export function seedOf(name: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) h = Math.imul(h ^ name.charCodeAt(i), 0x01000193);
  return h >>> 0;
}
