import { TilthError } from "../core/index.ts";

/** A decoded source tile in the shared memory. */
export interface DecodedSlot {
  readonly ptr: number;
  /** What is there once it is decoded, or why nothing is. */
  shape: Promise<SlotShape | TilthError>;
  /** Calls that read it. */
  pins: number;
}

export interface SlotShape {
  readonly width: number;
  readonly height: number;
  readonly channels: 3 | 4;
}

/** Decoded tiles by key, the least recently used and not pinned leaving first. */
export class DecodedSlots {
  readonly #free: number[];
  readonly #slots = new Map<string, DecodedSlot>();

  constructor(ptrs: readonly number[]) {
    this.#free = [...ptrs];
  }

  /** Pinned; null when it must be decoded. */
  find(key: string): DecodedSlot | null {
    const slot = this.#slots.get(key);
    if (slot === undefined) return null;
    this.#slots.delete(key);
    this.#slots.set(key, slot);
    slot.pins += 1;
    return slot;
  }

  /** A place for a new tile, pinned; its shape is the caller's to set at once. */
  reserve(key: string): DecodedSlot {
    const ptr = this.#free.pop() ?? this.#evict();
    const slot = { ptr, shape: NOT_YET, pins: 1 };
    this.#slots.set(key, slot);
    return slot;
  }

  unpin(slot: DecodedSlot): void {
    slot.pins -= 1;
  }

  /** Forgets a tile whose decoding was broken off. Its place is not used again: a thread that is being ended may still write there. */
  drop(key: string): void {
    this.#slots.delete(key);
  }

  #evict(): number {
    for (const [key, slot] of this.#slots) {
      if (slot.pins > 0) continue;
      this.#slots.delete(key);
      return slot.ptr;
    }
    throw new TilthError("internal", "expected a decoded tile that nobody reads, got none");
  }
}

const NOT_YET: Promise<TilthError> = Promise.resolve(new TilthError("internal", "the tile is not decoded yet"));
