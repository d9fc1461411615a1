import { TilthError } from "../core/index.ts";

/** A decoded source tile in the shared memory. */
export interface DecodedSlot {
  readonly ptr: number;
  /** The very bytes that it was decoded from; held weakly, for the memory of encoded tiles has a limit of its own. */
  readonly from: WeakRef<Uint8Array>;
  /** What is there once it is decoded, or why nothing is. */
  shape: Promise<SlotShape | TilthError>;
  /** Calls that read it. */
  pins: number;
  /** Newer bytes have taken its key: its place is free when nobody reads it any more. */
  retired: boolean;
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

  /** Pinned; null when it must be decoded, because it is not there or was decoded from other bytes than `data`. */
  find(key: string, data: Uint8Array): DecodedSlot | null {
    const slot = this.#slots.get(key);
    if (slot === undefined) return null;
    this.#slots.delete(key);
    if (slot.from.deref() !== data) {
      this.#retire(slot);
      return null;
    }
    this.#slots.set(key, slot);
    slot.pins += 1;
    return slot;
  }

  /** A place for a new tile, pinned; its shape is the caller's to set at once. */
  reserve(key: string, data: Uint8Array): DecodedSlot {
    const ptr = this.#free.pop() ?? this.#evict();
    const slot = { ptr, from: new WeakRef(data), shape: NOT_YET, pins: 1, retired: false };
    this.#slots.set(key, slot);
    return slot;
  }

  unpin(slot: DecodedSlot): void {
    slot.pins -= 1;
    if (slot.retired && slot.pins === 0) this.#free.push(slot.ptr);
  }

  /** Forgets a tile whose decoding was broken off. Its place is not used again: a thread that is being ended may still write there. */
  drop(key: string, slot: DecodedSlot): void {
    slot.retired = false;
    if (this.#slots.get(key) === slot) this.#slots.delete(key);
  }

  #retire(slot: DecodedSlot): void {
    if (slot.pins > 0) slot.retired = true;
    else this.#free.push(slot.ptr);
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
