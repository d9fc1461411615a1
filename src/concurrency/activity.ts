/** What this process has under way, for those who watch over it. */
export interface Activity {
  /** Worker threads that exist. */
  readonly threads: number;
  /** Tasks that run on them, and tasks of pools on the event loop. */
  readonly tasks: number;
  /** Everything that waits in bounded queues. */
  readonly queue: { readonly items: number; readonly bytes: number };
}

/** What a queue says of itself. */
interface Held {
  readonly size: number;
  readonly sizeBytes: number;
}

let threads = 0;
let tasks = 0;
/** A seed has one; those that nobody holds any more are dropped when they are counted. */
const queues = new Set<WeakRef<Held>>();

export function readActivity(): Activity {
  const queue = { items: 0, bytes: 0 };
  for (const reference of queues) {
    const held = reference.deref();
    if (held === undefined) queues.delete(reference);
    queue.items += held?.size ?? 0;
    queue.bytes += held?.sizeBytes ?? 0;
  }
  return { threads, tasks, queue };
}

/** A thread was started. @returns to be called once, when it is gone */
export function countThread(): () => void {
  threads += 1;
  return once(() => (threads -= 1));
}

/** A task began. @returns to be called once, when it has ended */
export function countTask(): () => void {
  tasks += 1;
  return once(() => (tasks -= 1));
}

export function watchQueue(queue: Held): void {
  queues.add(new WeakRef(queue));
}

function once(act: () => void): () => void {
  let done = false;
  return () => {
    if (!done) act();
    done = true;
  };
}
