/** Numbers between 0 and 1 that are the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Mutation = (bytes: Buffer, random: () => number) => Buffer;

const at = (length: number, random: () => number): number => Math.floor(random() * length);

/** Two places in order, mostly near each other. */
function range({ length }: Buffer, random: () => number): [number, number] {
  const from = at(length, random);
  return [from, Math.min(length, from + 1 + at(random() < 0.8 ? 40 : length, random))];
}

/** What makes lengths and numbers huge, in PBF and in texts. */
const BOMBS = [
  Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]),
  Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f]),
  Buffer.from([0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80]),
  Buffer.from("99999999999999999999"),
  Buffer.from("1e400"),
  Buffer.from("-0"),
  Buffer.from('"'),
  Buffer.from("[[[[[[[[[[[[[[[["),
  Buffer.from("<a><a><a><a>"),
  Buffer.from("&amp;&#x110000;"),
  Buffer.from('{"toString":1}'),
  Buffer.from("null"),
];

const MUTATIONS: readonly Mutation[] = [
  (bytes, random) => {
    const i = at(bytes.length, random);
    bytes[i] = (bytes[i] ?? 0) ^ (1 << at(8, random));
    return bytes;
  },
  (bytes, random) => {
    bytes[at(bytes.length, random)] = at(256, random);
    return bytes;
  },
  (bytes, random) => bytes.subarray(0, at(bytes.length, random)),
  (bytes, random) => splice(bytes, ...range(bytes, random), Buffer.alloc(0)),
  (bytes, random) => {
    const place = at(bytes.length, random);
    return splice(bytes, place, place, Buffer.from(Array.from({ length: 1 + at(8, random) }, () => at(256, random))));
  },
  (bytes, random) => {
    const [from, to] = range(bytes, random);
    const place = at(bytes.length, random);
    return splice(bytes, place, place, bytes.subarray(from, to));
  },
  (bytes, random) => {
    const [from, to] = range(bytes, random);
    const place = at(bytes.length, random);
    return splice(bytes, place, Math.min(bytes.length, place + to - from), bytes.subarray(from, to));
  },
  (bytes, random) => splice(bytes, ...range(bytes, random), BOMBS[at(BOMBS.length, random)] as Buffer),
  (bytes, random) => {
    const place = at(bytes.length, random);
    return splice(bytes, place, place, BOMBS[at(BOMBS.length, random)] as Buffer);
  },
];

function splice(bytes: Buffer, from: number, to: number, between: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, from), between, bytes.subarray(to)]);
}

/** A copy with one to four things done to it: bits flipped, ranges cut out, doubled or swapped, ends cut off, huge lengths put in. */
export function mutate(bytes: Uint8Array, random: () => number): Buffer {
  let mutated: Buffer = Buffer.from(bytes);
  for (let count = 1 + at(4, random); count > 0; count--) {
    if (mutated.length === 0) return mutated;
    mutated = (MUTATIONS[at(MUTATIONS.length, random)] as Mutation)(mutated, random);
  }
  return mutated;
}
