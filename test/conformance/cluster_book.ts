import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { BlockLease, ClusterBook, ClusterEvent } from "../../src/cluster/index.ts";
import { cutMore } from "../../src/cluster/worker/cut_more.ts";
import type { TileStore } from "../../src/store/index.ts";
import { submitFake, type SubmitOptions } from "../support/cluster.ts";
import { failedOf, LeaseHand } from "../support/cluster_leases.ts";

export interface OpenClusterBook {
  readonly book: ClusterBook;
  /** The same books, as another machine has them. */
  readonly other: ClusterBook;
  /** A cache of these books without a tile. */
  readonly cache: string;
  readonly tiles: TileStore;
  /** Lets time pass for the books: leases that nobody reports grow old, and blocks that failed may be tried again. */
  advance(ms: number): Promise<void>;
  close(): Promise<void>;
}

const MINUTES_MS = 60_000;
const LOST = { code: "cluster.leaseLost" };

/** What every book does. A seed here is zoom 3 of the world, 64 tiles, in four blocks of 16. */
export function testClusterBook(name: string, open: () => Promise<OpenClusterBook>): void {
  describe(`${name} as the books of a cluster`, () => {
    let opened: OpenClusterBook;
    let book: ClusterBook;
    let seed: SubmitOptions;
    beforeEach(async () => {
      opened = await open();
      book = opened.book;
      seed = { zooms: [3], blockTiles: 16, cache: opened.cache };
    });
    afterEach(() => opened.close());

    const submit = async (): Promise<string> => (await submitFake(book, seed)).id;
    const submitAndCut = async (): Promise<string> => {
      const id = await submit();
      await cutMore(book, new Map());
      return id;
    };
    const handOf = (lease: BlockLease, on = book): LeaseHand => new LeaseHand(on, opened.tiles, lease, seed);
    const take = async (worker = "one", on = book): Promise<LeaseHand> => {
      const lease = await on.claim(worker);
      if (lease === null) throw new Error("expected a block that waits");
      return handOf(lease, on);
    };
    const finishAll = async (): Promise<number> => {
      for (let count = 0; ; count++) {
        const lease = await book.claim("one");
        if (lease === null) return count;
        await handOf(lease).finish();
      }
    };
    /** The worker says nothing for so long that its blocks are put back, and may be taken. */
    const silence = async (): Promise<void> => {
      await opened.advance(11_000);
      await book.tidy();
      await opened.advance(10 * MINUTES_MS);
    };
    const failNineTimes = async (): Promise<void> => {
      for (let attempt = 1; attempt <= 9; attempt++) {
        const { lease } = await take();
        expect(lease.attempt).toBe(attempt - 1);
        await book.fail(lease, new Error(`failed for the ${attempt}. time`));
        await opened.advance(10 * MINUTES_MS);
      }
      await book.tidy();
    };

    describe("submitting", () => {
      it("twice makes one seed", async () => {
        const { id, planned } = await submitFake(book, seed);
        expect(planned).toBe(64);
        expect(await submitFake(opened.other, seed)).toMatchObject({ id, isNew: false });
        await book.setState(id, "paused");
        expect((await submitFake(book, { ...seed, blockTiles: 7 })).isNew).toBe(false);
        const mine = (await opened.other.listSeeds()).filter((one) => one.id === id);
        expect(mine).toMatchObject([{ state: "paused", planned: 64, endedAtMs: null }]);
        await expect(book.getSeed("nobody")).rejects.toMatchObject({ code: "cluster.unknownSeed" });
        await expect(book.getStatus("nobody")).rejects.toMatchObject({ code: "cluster.unknownSeed" });
        await expect(book.setState("nobody", "paused")).rejects.toMatchObject({ code: "cluster.unknownSeed" });
      });

      it("one that has ended begins again with fresh sums, and finds its tiles", async () => {
        const id = await submitAndCut();
        expect(await finishAll()).toBe(4);
        const first = await book.getStatus(id);
        expect([first.state, first.counts.stored, first.counts.bytes, first.blocks.done]).toEqual([
          "ended",
          64,
          192,
          4,
        ]);
        expect(first.endedAtMs).not.toBeNull();
        expect(await submitFake(book, seed)).toMatchObject({ id, isNew: true });
        const fresh = await book.getStatus(id);
        expect(fresh).toMatchObject({ state: "running", counts: { stored: 0, present: 0, bytes: 0 }, endedAtMs: null });
        await cutMore(book, new Map());
        await finishAll();
        const { counts, state } = await book.getStatus(id);
        expect([state, counts.present, counts.stored]).toEqual(["ended", 64, 0]);
      });

      it("one that was cancelled begins again; leases of before are refused", async () => {
        const id = await submitAndCut();
        const old = await take();
        await old.scan();
        const failed = await take();
        await book.fail(failed.lease, new Error("once"));
        await book.setState(id, "cancelled");
        expect((await submitFake(book, seed)).isNew).toBe(true);
        await cutMore(book, new Map());
        await expect(old.commit([{ z: 3, x: 0, y: 0 }])).rejects.toMatchObject(LOST);
        const numbers: number[] = [];
        for (let lease = await book.claim("two"); lease !== null; lease = await book.claim("two")) {
          expect(lease.attempt).toBe(0);
          numbers.push(lease.number);
          await handOf(lease).finish();
        }
        expect(numbers.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3]);
        expect(await book.getStatus(id)).toMatchObject({ state: "ended", counts: { stored: 64 } });
      });
    });

    describe("cutting", () => {
      it("cuts each block once, though two do it at the same time", async () => {
        const id = await submit();
        const cut = await Promise.all([cutMore(book, new Map()), cutMore(opened.other, new Map())]);
        expect(cut.reduce((sum, count) => sum + count)).toBe(4);
        const { blocks, cursor } = await book.getStatus(id);
        expect([blocks.queued, cursor]).toEqual([4, null]);
        const seen = new Set<string>();
        for (let i = 0; i < 4; i++) {
          const { block } = await take();
          seen.add(JSON.stringify(block.range));
        }
        expect(seen.size).toBe(4);
        expect(await book.listHungry()).toEqual([]);
      });

      it("keeps few rows of a plan of 10^9 tiles, and cuts on where it stopped", async () => {
        seed = { ...seed, zooms: [15], blockTiles: 1024 };
        const { id, planned } = await submitFake(book, seed);
        expect(planned).toBeGreaterThan(10 ** 9);
        for (let i = 0; i < 3; i++) await cutMore(book, new Map());
        const { blocks, cursor } = await book.getStatus(id);
        expect(blocks.queued).toBeLessThanOrEqual(32);
        expect(cursor).not.toBeNull();
        const first = await take();
        const ranges = new Set([JSON.stringify(first.block.range)]);
        for (let i = 1; i < 40; i++) {
          await cutMore(book, new Map());
          ranges.add(JSON.stringify((await take()).block.range));
        }
        expect(ranges.size).toBe(40);
      });

      it("ends a seed whose rest is empty, and asks for none that is paused", async () => {
        const id = await submit();
        expect(await book.listHungry()).toEqual([id]);
        await book.setState(id, "paused");
        expect(await book.listHungry()).toEqual([]);
        await book.setState(id, "running");
        expect(await book.cut(id, () => ({ blocks: [], cursor: null }))).toBe(0);
        expect((await book.getSeed(id)).state).toBe("ended");
        expect(await book.cut(id, () => ({ blocks: [], cursor: null }))).toBe(0);
      });
    });

    describe("leases", () => {
      it("give each block to one", async () => {
        await submitAndCut();
        const claims = Array.from({ length: 10 }, (_, i) => (i % 2 === 0 ? book : opened.other).claim(`w${i}`));
        const leases = (await Promise.all(claims)).filter((lease) => lease !== null);
        expect(leases.map(({ number }) => number).toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3]);
        expect(await book.claim("late")).toBeNull();
      });

      it("leave a seed to others that a worker cannot open", async () => {
        const id = await submitAndCut();
        expect(await book.claim("one", [id])).toBeNull();
        expect((await book.claim("two"))?.seedId).toBe(id);
      });

      it("count a batch once that is given twice", async () => {
        const id = await submitAndCut();
        const hand = await take();
        const { missing } = await hand.scan();
        const batch = hand.nextBatch(missing.slice(0, 5));
        await book.commit(hand.lease, batch);
        await opened.other.commit(hand.lease, batch);
        expect((await book.getStatus(id)).counts).toMatchObject({ stored: 5, bytes: 15 });
        const last = hand.end(hand.nextBatch(missing.slice(5)));
        await book.complete(hand.lease, last);
        // It was done, and the answer was lost: somebody who asks again is told that there is nothing left to do.
        await expect(book.complete(hand.lease, last)).rejects.toMatchObject(LOST);
        expect((await book.getStatus(id)).counts).toMatchObject({ stored: 16, bytes: 48 });
      });

      it("refuse everything once they were given back", async () => {
        const id = await submitAndCut();
        const hand = await take();
        const { missing } = await hand.scan();
        await book.giveBack(hand.lease);
        await expectRefused(hand, missing[0]);
        expect((await book.getStatus(id)).blocks).toMatchObject({ queued: 4, leased: 0 });
        // At once, and not as another attempt.
        for (let i = 0; i < 4; i++) expect((await take("two")).lease.attempt).toBe(0);
      });

      it("refuse everything once another has the block", async () => {
        await submitAndCut();
        const hands = [await take(), await take(), await take(), await take()];
        const [hand] = hands as [LeaseHand];
        const { missing } = await hand.scan();
        await silence();
        const again = new Map<number, LeaseHand>();
        for (let i = 0; i < 4; i++) {
          const next = await take("two", opened.other);
          expect(next.lease.attempt).toBe(1);
          again.set(next.lease.number, next);
        }
        await expectRefused(hand, missing[0]);
        await again.get(hand.lease.number)?.finish();
      });

      it("hold while nobody else has the block, however long its worker was silent", async () => {
        const id = await submitAndCut();
        const hand = await take();
        await silence();
        await hand.finish();
        expect(await finishAll()).toBe(3);
        expect(await book.getStatus(id)).toMatchObject({ state: "ended", counts: { stored: 64, present: 0 } });
      });

      const expectRefused = async (hand: LeaseHand, tile = { z: 3, x: 0, y: 0 }): Promise<void> => {
        const { lease } = hand;
        const batch = hand.nextBatch([tile]);
        const refused = [
          () => book.noteScan(lease, { present: 0, empty: 0, missing: 16 }),
          () => book.commit(lease, batch),
          () => book.complete(lease, hand.end(batch)),
          () => book.giveBack(lease),
          () => book.fail(lease, new Error("late")),
        ];
        for (const one of refused) await expect(one()).rejects.toMatchObject(LOST);
        expect(await opened.tiles.has(tile)).toBe(false);
      };
    });

    describe("reports", () => {
      it("keep leases alive, and say which are lost and which seeds have stopped", async () => {
        const id = await submitAndCut();
        const kept = await take();
        const silent = await take();
        const report = (leases: BlockLease[]): ReturnType<ClusterBook["report"]> =>
          book.report({ worker: "one", leases, seeds: [] });
        expect(await report([kept.lease, silent.lease])).toMatchObject({ lost: [], stopped: [] });
        await opened.advance(8000);
        await report([kept.lease]);
        await opened.advance(8000);
        await book.tidy();
        const orders = await report([kept.lease, silent.lease]);
        expect(orders.lost).toEqual([silent.lease]);
        expect(orders.nowMs).toBeGreaterThan(Date.UTC(2020, 0, 1));
        await book.setState(id, "paused");
        expect((await report([kept.lease])).stopped).toEqual([id]);
        await kept.finish();
        expect((await report([kept.lease])).lost).toEqual([kept.lease]);
      });

      it("tell an old lease of a job from the new one of the same worker", async () => {
        await submitAndCut();
        const old = await take();
        for (let i = 0; i < 3; i++) await (await take()).finish();
        await silence();
        const { lease } = await take();
        expect([lease.number, lease.attempt]).toEqual([old.lease.number, 1]);
        const { lost } = await book.report({ worker: "one", leases: [old.lease, lease], seeds: [] });
        expect(lost).toEqual([old.lease]);
      });

      it("add up what workers say of themselves", async () => {
        const id = await submitAndCut();
        const figures = { seedId: id, requests: 5, retries: 2, rejected: 1, tilesPerSecond: 7 };
        await book.report({ worker: "one", leases: [], seeds: [figures] });
        await opened.other.report({ worker: "one", leases: [], seeds: [{ ...figures, tilesPerSecond: 9 }] });
        await book.report({ worker: "two", leases: [], seeds: [figures, { ...figures, seedId: "gone" }] });
        const { counts, workers } = await book.getStatus(id);
        expect(counts).toMatchObject({ requests: 15, retries: 6, rejected: 3 });
        expect(workers.map(({ worker, tilesPerSecond }) => [worker, tilesPerSecond])).toEqual([
          ["one", 9],
          ["two", 7],
        ]);
      });
    });

    describe("events", () => {
      it("are heard by everybody: work and states", async () => {
        const heard: (ClusterEvent | null)[] = [];
        await using _listening = await opened.other.listen((event) => heard.push(event));
        const id = await submitAndCut();
        await expect.poll(() => heard).toContainEqual({ kind: "work", seedId: id });
        await book.setState(id, "paused");
        await expect.poll(() => heard).toContainEqual({ kind: "state", seedId: id });
        await book.setState(id, "running");
        await finishAll();
        // Paused, resumed, ended.
        await expect.poll(() => heard.filter((event) => event?.kind === "state")).toHaveLength(3);
      });
    });

    describe("blocks that fail", () => {
      it("are tried again later", async () => {
        const id = await submitAndCut();
        const hands = [await take(), await take(), await take(), await take()];
        for (const { lease } of hands) await book.fail(lease, new Error("away"));
        expect(await book.claim("one")).toBeNull();
        expect((await book.getStatus(id)).blocks).toMatchObject({ queued: 4, leased: 0, dead: 0 });
        await opened.advance(2100);
        expect((await take()).lease.attempt).toBe(1);
      });

      it("nine times are dead: the seed ends without them, and retry raises them", async () => {
        const id = await submitAndCut();
        for (let i = 0; i < 3; i++) await (await take()).finish();
        const { lease } = await take();
        await book.giveBack(lease);
        await failNineTimes();
        const status = await book.getStatus(id);
        expect(status).toMatchObject({ state: "ended", blocks: { dead: 1, queued: 0, leased: 0, done: 3 } });
        expect(status.counts).toMatchObject({ stored: 48, failed: 16 });
        expect(status.failures).toEqual({ "cluster.deadBlock": 16 });
        expect(await book.listDead(id)).toEqual([
          { number: lease.number, range: lease.range, attempts: 9, error: "failed for the 9. time" },
        ]);
        expect(await book.claim("one")).toBeNull();
        expect(await book.retry(id)).toBe(1);
        expect((await take()).lease.attempt).toBe(0);
        await silence();
        expect(await finishAll()).toBe(1);
        const { state, counts } = await book.getStatus(id);
        expect([state, counts.stored, counts.failed]).toEqual(["ended", 64, 0]);
      });

      it("that were dead are not taken for those of the seed that is submitted again", async () => {
        const id = await submitAndCut();
        const hand = await take();
        for (let i = 0; i < 3; i++) await (await take()).finish();
        await book.giveBack(hand.lease);
        for (let attempt = 1; attempt <= 9; attempt++) {
          await book.fail((await take()).lease, new Error("away"));
          await opened.advance(10 * MINUTES_MS);
        }
        await book.setState(id, "cancelled").catch(() => undefined);
        await submitFake(book, seed);
        await cutMore(book, new Map());
        await book.tidy();
        expect((await book.getStatus(id)).blocks).toMatchObject({ queued: 4, dead: 0 });
        expect(await finishAll()).toBe(4);
        expect((await book.getSeed(id)).state).toBe("ended");
      });

      it("are not dead while their worker has given them back after all", async () => {
        const id = await submitAndCut();
        for (let i = 0; i < 3; i++) await (await take()).finish();
        let last = await take();
        for (let attempt = 1; attempt <= 8; attempt++) {
          await book.fail(last.lease, new Error("away"));
          await opened.advance(10 * MINUTES_MS);
          last = await take();
        }
        expect(last.lease.attempt).toBe(8);
        // The ninth attempt is silent for too long, and then gives the block back, before or after it was put aside.
        await opened.advance(11_000);
        await Promise.allSettled([book.tidy(), opened.other.giveBack(last.lease)]);
        await book.tidy();
        const { blocks } = await book.getStatus(id);
        expect(blocks.dead + blocks.queued).toBe(1);
        if (blocks.dead === 1) await book.retry(id);
        expect(await finishAll()).toBe(1);
        expect(await book.getStatus(id)).toMatchObject({ state: "ended", counts: { stored: 64 }, blocks: { dead: 0 } });
      });
    });

    describe("control", () => {
      it("of a paused seed nothing is claimed; what is in work may end; resumed it goes on", async () => {
        const id = await submitAndCut();
        const hand = await take();
        const given = await take();
        await book.setState(id, "paused");
        await book.setState(id, "paused");
        expect(await book.claim("two")).toBeNull();
        await book.giveBack(given.lease);
        await hand.finish();
        expect((await book.getStatus(id)).blocks).toMatchObject({ queued: 3, leased: 0, done: 1 });
        expect(await book.claim("two")).toBeNull();
        await book.setState(id, "running");
        expect(await finishAll()).toBe(3);
        await expect(book.setState(id, "paused")).rejects.toMatchObject({ code: "cluster.state" });
      });

      it("a seed whose last block ended while it was paused ends when it is resumed", async () => {
        const id = await submitAndCut();
        const hands = [await take(), await take(), await take(), await take()];
        await book.setState(id, "paused");
        for (const hand of hands) await hand.finish();
        expect((await book.getSeed(id)).state).toBe("paused");
        await book.setState(id, "running");
        expect((await book.getSeed(id)).state).toBe("ended");
      });

      it("of a cancelled seed blocks are closed, written tiles stay, the rest is cancelled", async () => {
        const id = await submitAndCut();
        await (await take()).finish();
        const hand = await take();
        const { missing } = await hand.scan();
        await hand.commit(missing.slice(0, 3));
        const silent = await take();
        await silent.commit((await silent.scan()).missing.slice(0, 2));
        await book.setState(id, "cancelled");
        await hand.commit(missing.slice(3, 4));
        await book.giveBack(hand.lease);
        await silence();
        expect(await book.claim("two")).toBeNull();
        const { state, counts, blocks, planned } = await book.getStatus(id);
        expect(state).toBe("cancelled");
        expect(blocks).toEqual({ queued: 0, leased: 0, dead: 0, done: 1 });
        expect(counts).toMatchObject({ present: 0, stored: 22, empty: 0, failed: 0, bytes: 66 });
        expect(planned - counts.stored).toBe(42);
        expect((await opened.tiles.count()).present).toBe(22);
        await expect(book.retry(id)).rejects.toMatchObject({ code: "cluster.state" });
        await expect(book.setState(id, "running")).rejects.toMatchObject({ code: "cluster.state" });
      });
    });

    describe("sums", () => {
      it("are refused with the whole block when tiles are missing that no failure explains", async () => {
        const id = await submitAndCut();
        const hand = await take();
        const { missing } = await hand.scan();
        const short = hand.nextBatch(missing.slice(0, 14));
        const end = hand.end(short, failedOf(missing.slice(14, 15)));
        await expect(book.complete(hand.lease, end)).rejects.toMatchObject({ code: "seed.incomplete" });
        expect((await opened.tiles.count()).present).toBe(0);
        expect((await book.getStatus(id)).counts).toMatchObject({ stored: 0, failed: 0, bytes: 0 });
        // The lease holds, and the same batch is still the next.
        await book.complete(hand.lease, hand.end(short, failedOf(missing.slice(14))));
        expect((await book.getStatus(id)).counts).toMatchObject({ stored: 14, failed: 2, bytes: 42 });
      });

      it("are exact after a kill, of tiles that were there, known to be empty, found empty, and failed", async () => {
        const before = [...Array(8).keys()].map((x) => ({ z: 3, x, y: 0 }));
        await opened.tiles.putMany([
          { kind: "tile", tile: before[0] as { z: 3; x: number; y: 0 }, fetchedAtMs: 0, data: Uint8Array.of(1) },
          { kind: "empty", tile: before[1] as { z: 3; x: number; y: 0 }, fetchedAtMs: 0 },
        ]);
        const id = await submitAndCut();
        const killed = await take();
        const { scan, missing } = await killed.scan();
        expect(scan).toEqual({ present: 1, empty: 1, missing: 14 });
        await killed.commit(missing.slice(0, 3));
        await killed.commit(missing.slice(3, 5), "empty");
        expect((await book.getStatus(id)).counts).toMatchObject({ present: 1, stored: 3, empty: 3 });
        for (let i = 0; i < 3; i++) await (await take()).finish();
        await silence();
        const second = await take("two");
        expect(second.lease).toMatchObject({ number: killed.lease.number, attempt: 1, batches: 2 });
        expect((await second.scan()).missing).toEqual(missing.slice(5));
        await second.commit(missing.slice(5, 10));
        await book.complete(
          second.lease,
          second.end(second.nextBatch(missing.slice(10, 12)), failedOf(missing.slice(12))),
        );
        const { counts, failures, state, workers } = await book.getStatus(id);
        expect(counts).toMatchObject({ present: 1, stored: 58, empty: 3, failed: 2, bytes: 58 * 3 });
        expect([state, failures]).toEqual(["ended", { "http.status": 2 }]);
        expect(workers.map(({ worker, blocks }) => [worker, blocks])).toEqual([
          ["one", 0],
          ["two", 0],
        ]);
        const listed = [];
        for await (const run of book.listFailed(id)) listed.push(run);
        expect(listed).toEqual(failedOf(missing.slice(12)));
      });

      it("are exact after a retry of failed tiles, twice, in blocks around them", async () => {
        const id = await submitAndCut();
        const hand = await take();
        const { missing } = await hand.scan();
        const failed = [2, 5, 11].map((index) => missing[index] as (typeof missing)[number]);
        const rest = missing.filter((tile) => !failed.includes(tile));
        await book.complete(hand.lease, hand.end(hand.nextBatch(rest), failedOf(failed)));
        for (let i = 0; i < 3; i++) await (await take()).finish();
        expect((await book.getStatus(id)).counts).toMatchObject({ stored: 61, failed: 3 });
        expect(await book.retry(id)).toBe(1);
        expect(await book.getStatus(id)).toMatchObject({ state: "running", counts: { stored: 61, failed: 0 } });
        const again = await take("two");
        expect(again.lease.count).toBe(3);
        const scan = await again.scan();
        expect(scan.missing).toHaveLength(3);
        await again.commit(scan.missing.slice(0, 1));
        await book.complete(
          again.lease,
          again.end(again.nextBatch(scan.missing.slice(1, 2), "empty"), failedOf(scan.missing.slice(2))),
        );
        const middle = await book.getStatus(id);
        expect(middle).toMatchObject({ state: "ended", counts: { present: 0, stored: 62, empty: 1, failed: 1 } });
        // Another seed may have brought the tile meanwhile.
        await opened.tiles.putMany([
          { kind: "tile", tile: scan.missing[2] as (typeof missing)[number], fetchedAtMs: 0, data: Uint8Array.of(1) },
        ]);
        expect(await book.retry(id)).toBe(1);
        expect(await finishAll()).toBe(1);
        const last = await book.getStatus(id);
        expect(last).toMatchObject({ state: "ended", counts: { present: 1, stored: 62, empty: 1, failed: 0 } });
        expect([last.blocks.done, await book.retry(id)]).toEqual([4, 0]);
      });

      it("are exact for a dead block of which a part was written", async () => {
        const id = await submitAndCut();
        for (let i = 0; i < 3; i++) await (await take()).finish();
        const part = await take();
        await part.commit((await part.scan()).missing.slice(0, 6));
        await book.giveBack(part.lease);
        await failNineTimes();
        expect(await book.getStatus(id)).toMatchObject({ state: "ended", counts: { stored: 54, failed: 10 } });
        await book.retry(id);
        await finishAll();
        expect(await book.getStatus(id)).toMatchObject({
          state: "ended",
          counts: { present: 0, stored: 64, failed: 0 },
        });
      });
    });
  });
}
