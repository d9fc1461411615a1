/** Where a value stands in a Fifo; needed to remove it from the middle. */
export interface FifoNode<T> {
  readonly value: T;
  previous: FifoNode<T> | undefined;
  next: FifoNode<T> | undefined;
  listed: boolean;
}

/**
 * A doubly linked line: every operation is O(1), removal from the middle included.
 * (Array.shift moves the whole array; deleting from the front of a Set leaves holes that each later look at the front walks over.)
 */
export class Fifo<T> {
  #first: FifoNode<T> | undefined;
  #last: FifoNode<T> | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get first(): FifoNode<T> | undefined {
    return this.#first;
  }

  push(value: T): FifoNode<T> {
    const node: FifoNode<T> = { value, previous: this.#last, next: undefined, listed: true };
    if (this.#last === undefined) this.#first = node;
    else this.#last.next = node;
    this.#last = node;
    this.#size += 1;
    return node;
  }

  /** Takes the oldest node off, or returns undefined when the line is empty. */
  shift(): FifoNode<T> | undefined {
    const node = this.#first;
    if (node !== undefined) this.remove(node);
    return node;
  }

  /** False when the node had left already. */
  remove(node: FifoNode<T>): boolean {
    if (!node.listed) return false;
    node.listed = false;
    if (node.previous === undefined) this.#first = node.next;
    else node.previous.next = node.next;
    if (node.next === undefined) this.#last = node.previous;
    else node.next.previous = node.previous;
    node.previous = undefined;
    node.next = undefined;
    this.#size -= 1;
    return true;
  }
}
