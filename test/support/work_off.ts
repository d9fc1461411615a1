import { ClusterWorker, type ClusterBook, type ClusterWorkerOptions } from "../../src/cluster/index.ts";
import type { TileSource } from "../../src/source/index.ts";

/** Workers of this process until the seed is over; then they are stopped. */
export async function workOff(
  book: ClusterBook,
  id: string,
  source: TileSource,
  options: Partial<ClusterWorkerOptions> & { names?: readonly string[] } = {},
): Promise<void> {
  const { names = ["worker"], ...rest } = options;
  const stop = new AbortController();
  const look = async (): Promise<void> => {
    const { state } = await book.getSeed(id);
    if (state === "ended" || state === "cancelled") stop.abort();
  };
  await using _listening = await book.listen(() => void look());
  const workers = names.map((name) => new ClusterWorker({ book, openSource: async () => source, ...rest, name }));
  const running = workers.map((worker) => worker.run(stop.signal));
  await look();
  await Promise.all(running);
}
