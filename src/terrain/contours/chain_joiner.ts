/** An end that nothing will ever join. */
export const DEAD_END = -1;

/** A piece of a line that grows at both ends. */
interface Chain {
  /** Positions before those of `back`, the last first: x, y, x, y ... */
  readonly front: number[];
  readonly back: number[];
  headKey: number;
  tailKey: number;
}

/** One step of a line from node to node. */
export interface Segment {
  fromKey: number;
  fromX: number;
  fromY: number;
  toKey: number;
  toX: number;
  toY: number;
}

/** Joins segments that have a direction to lines. A node's key is that of the line's kind as well: at most one segment leads to it and one away. */
export class ChainJoiner {
  readonly #tails = new Map<number, Chain>();
  readonly #heads = new Map<number, Chain>();
  readonly #emit: (positions: Float64Array) => void;
  /** Of lines that are open. */
  vertexCount = 0;

  /** @param emit gets x0, y0, x1, y1 ...; the first position again at the end of what is closed */
  constructor(emit: (positions: Float64Array) => void) {
    this.#emit = emit;
  }

  /** The object may be used again. */
  add(segment: Segment): void {
    const { fromKey, fromX, fromY, toKey, toX, toY } = segment;
    const before = this.#tails.get(fromKey);
    const after = this.#heads.get(toKey);
    this.vertexCount++;
    if (before !== undefined && after !== undefined) return this.#connect(before, after, segment);
    if (before !== undefined) {
      before.back.push(toX, toY);
      this.#tails.delete(fromKey);
      this.#setTail(before, toKey);
      return this.#emitDead(before);
    }
    if (after !== undefined) {
      after.front.push(fromX, fromY);
      this.#heads.delete(toKey);
      this.#setHead(after, fromKey);
      return this.#emitDead(after);
    }
    this.vertexCount++;
    const chain: Chain = { front: [], back: [fromX, fromY, toX, toY], headKey: fromKey, tailKey: toKey };
    this.#setHead(chain, fromKey);
    this.#setTail(chain, toKey);
    this.#emitDead(chain);
  }

  /** Gives all open lines as they are; they go on from where they end. */
  cut(): void {
    const open = new Set([...this.#heads.values(), ...this.#tails.values()]);
    this.#heads.clear();
    this.#tails.clear();
    this.vertexCount = 0;
    for (const chain of open) {
      const positions = positionsOf(chain);
      const { length } = positions;
      if (length > 2) this.#emit(positions);
      this.#goOn(positions.subarray(0, 2), chain.headKey, DEAD_END);
      this.#goOn(positions.subarray(length - 2), DEAD_END, chain.tailKey);
    }
  }

  #goOn([x = 0, y = 0]: Float64Array, headKey: number, tailKey: number): void {
    if (headKey === tailKey) return;
    const chain: Chain = { front: [], back: [x, y], headKey, tailKey };
    this.vertexCount++;
    this.#setHead(chain, headKey);
    this.#setTail(chain, tailKey);
  }

  #connect(before: Chain, after: Chain, { fromKey, toKey, toX, toY }: Segment): void {
    this.#tails.delete(fromKey);
    this.#heads.delete(toKey);
    if (before === after) {
      before.back.push(toX, toY);
      return this.#finish(before);
    }
    // Counted by `add` as one more position, which it is not.
    this.vertexCount--;
    const joined = append(before, after);
    this.#setHead(joined, before.headKey);
    this.#setTail(joined, after.tailKey);
    this.#emitDead(joined);
  }

  #setHead(chain: Chain, key: number): void {
    chain.headKey = key;
    if (key !== DEAD_END) this.#heads.set(key, chain);
  }

  #setTail(chain: Chain, key: number): void {
    chain.tailKey = key;
    if (key !== DEAD_END) this.#tails.set(key, chain);
  }

  #emitDead(chain: Chain): void {
    if (chain.headKey === DEAD_END && chain.tailKey === DEAD_END) this.#finish(chain);
  }

  #finish(chain: Chain): void {
    const positions = positionsOf(chain);
    this.vertexCount -= positions.length / 2;
    this.#emit(positions);
  }
}

/** The shorter one is moved: a line of n positions moves n log n at the most. */
function append(before: Chain, after: Chain): Chain {
  if (after.front.length + after.back.length <= before.front.length + before.back.length) {
    for (let i = after.front.length - 2; i >= 0; i -= 2)
      before.back.push(after.front[i] as number, after.front[i + 1] as number);
    for (const value of after.back) before.back.push(value);
    return before;
  }
  for (let i = before.back.length - 2; i >= 0; i -= 2)
    after.front.push(before.back[i] as number, before.back[i + 1] as number);
  for (const value of before.front) after.front.push(value);
  return after;
}

function positionsOf({ front, back }: Chain): Float64Array {
  const positions = new Float64Array(front.length + back.length);
  for (let i = front.length - 2, at = 0; i >= 0; i -= 2, at += 2) {
    positions[at] = front[i] as number;
    positions[at + 1] = front[i + 1] as number;
  }
  positions.set(back, front.length);
  return positions;
}
