import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { TileWrite } from "../cache/index.ts";
import { TilthError } from "../core/index.ts";
import { FakeClock, flush } from "../../test/support/fake_clock.ts";
import { StoreWriter, type StoreWriterOptions } from "./store_writer.ts";

const never = new AbortController().signal;

function write(x: number, sizeBytes = 10): TileWrite {
  return { kind: "tile", tile: { z: 20, x, y: 0 }, data: new Uint8Array(sizeBytes), fetchedAtMs: 0 };
}

function makeWriter(options: Partial<StoreWriterOptions> = {}) {
  const clock = new FakeClock();
  const batches: TileWrite[][] = [];
  const committed: { count: number; sizeBytes: number }[] = [];
  const putMany = async (writes: readonly TileWrite[]): Promise<void> => void batches.push([...writes]);
  const onCommitted: StoreWriterOptions["onCommitted"] = (writes, sizeBytes) =>
    void committed.push({ count: writes.length, sizeBytes });
  const writer = new StoreWriter({ store: { putMany }, onCommitted, clock, ...options });
  return { writer, clock, batches, committed, sizes: () => batches.map((batch) => batch.length) };
}

describe("StoreWriter", () => {
  test("makes a batch of the set count, and the rest after a second", async () => {
    const { writer, clock, sizes } = makeWriter({ batchCount: 4 });
    writer.start();
    for (let x = 0; x < 6; x++) await writer.put(write(x), never);
    await flush();
    expect(sizes()).toEqual([4]);
    await clock.advance(999);
    expect(sizes()).toEqual([4]);
    await clock.advance(1);
    expect(sizes()).toEqual([4, 2]);
    await writer.finish();
  });

  test("makes a batch of the set bytes; marks without bytes weigh 64", async () => {
    const { writer, sizes, committed } = makeWriter({ batchBytes: 100 });
    writer.start();
    for (const size of [60, 60, 200, 1]) await writer.put(write(size, size), never);
    await writer.put({ kind: "empty", tile: { z: 1, x: 0, y: 0 }, fetchedAtMs: 0 }, never);
    await writer.put({ kind: "renew", tile: { z: 1, x: 1, y: 0 }, fetchedAtMs: 0 }, never);
    await writer.finish();
    expect(sizes()).toEqual([2, 1, 3]);
    expect(committed.map(({ sizeBytes }) => sizeBytes)).toEqual([120, 200, 1]);
  });

  test("the second counts from the first tile of a batch, however the others come", async () => {
    const { writer, clock, sizes } = makeWriter();
    writer.start();
    for (let step = 0; step < 4; step++) {
      await writer.put(write(step), never);
      await clock.advance(300);
    }
    expect(sizes()).toEqual([4]);
    await writer.finish();
  });

  test("finish commits all, in the order in which it was handed over", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 60 }),
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 1, max: 500 }),
        async (sizes, batchCount, batchBytes) => {
          const { writer, clock, batches } = makeWriter({ batchCount, batchBytes, queueBytes: 400 });
          writer.start();
          for (const [x, size] of sizes.entries()) {
            await writer.put(write(x, size), never);
            const { count, sizeBytes } = writer.load;
            expect(count).toBeLessThanOrEqual(2 * batchCount);
            if (count > 1) expect(sizeBytes).toBeLessThanOrEqual(400);
          }
          await writer.finish();
          expect(batches.flat().map(({ tile }) => tile.x)).toEqual(sizes.map((_, x) => x));
          expect(Math.max(0, ...batches.map((batch) => batch.length))).toBeLessThanOrEqual(batchCount);
          expect(clock.pendingTimers).toBe(0);
        },
      ),
    );
  });

  test("a put that waits for room leaves when its signal aborts, and its tile is not written", async () => {
    const gate = Promise.withResolvers<void>();
    const written: number[] = [];
    const putMany = async (writes: readonly TileWrite[]): Promise<void> => {
      await gate.promise;
      written.push(...writes.map(({ tile }) => tile.x));
    };
    const { writer } = makeWriter({ batchCount: 1, store: { putMany } });
    writer.start();
    await writer.put(write(0), never);
    await flush();
    await writer.put(write(1), never);
    await writer.put(write(2), never);
    const controller = new AbortController();
    const waiting = writer.put(write(3), controller.signal);
    expect(writer.load.count).toBe(2);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: "cancelled" });
    gate.resolve();
    await writer.finish();
    expect(written).toEqual([0, 1, 2]);
  });

  test("a store on another machine that is away is waited for, told once, and gets the batch again", async () => {
    const gone = new TilthError("postgres.unreachable", "gone");
    const told: boolean[] = [];
    const written: number[] = [];
    let failures = 2;
    const putMany = async (writes: readonly TileWrite[]): Promise<void> => {
      if (failures-- > 0) throw gone;
      written.push(...writes.map(({ tile }) => tile.x));
    };
    const { writer, clock } = makeWriter({ store: { putMany }, onStoreAway: (away) => told.push(away) });
    writer.start();
    await writer.put(write(7), never);
    const finished = writer.finish();
    await clock.advance(10_000);
    await finished;
    expect([told, written]).toEqual([[true, false], [7]]);
  });

  test("a store that will never let us in is not waited for", async () => {
    const refused = new TilthError("postgres.unreachable", "no TLS", { fields: { retryable: false } });
    const { writer } = makeWriter({ batchCount: 1, store: { putMany: async () => Promise.reject(refused) } });
    const { failed } = writer.start();
    await writer.put(write(0), never);
    await expect(failed).rejects.toBe(refused);
  });

  test("a store that refuses for good rejects `failed`, every waiting put and finish", async () => {
    const putMany = (): Promise<void> => Promise.reject(new TilthError("store.readOnly", "no"));
    const { writer } = makeWriter({ batchCount: 1, store: { putMany } });
    const { failed } = writer.start();
    await writer.put(write(0), never);
    await expect(failed).rejects.toMatchObject({ code: "store.readOnly" });
    expect(() => writer.put(write(1), never)).toThrowError(expect.objectContaining({ code: "queue.closed" }));
    await expect(writer.finish()).rejects.toMatchObject({ code: "store.readOnly" });
  });

  test("a batch that met a full disk is given again as it was, every two seconds", async () => {
    const seen: number[][] = [];
    const told: boolean[] = [];
    const putMany = async (writes: readonly TileWrite[]): Promise<void> => {
      seen.push(writes.map(({ tile }) => tile.x));
      if (seen.length < 4) throw new TilthError("store.full", "full");
    };
    const { writer, clock, committed } = makeWriter({ store: { putMany }, onDiskFull: (full) => told.push(full) });
    writer.start();
    await writer.put(write(7, 3), never);
    await clock.advance(1000);
    expect(seen).toHaveLength(1);
    await clock.advance(1999);
    expect(seen).toHaveLength(1);
    await clock.advance(4001);
    expect(seen).toEqual([[7], [7], [7], [7]]);
    expect(told).toEqual([true, false]);
    expect(committed).toEqual([{ count: 1, sizeBytes: 3 }]);
    await writer.finish();
  });
});
