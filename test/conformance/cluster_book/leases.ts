import { describe, expect, it } from "vitest";
import type { BlockLease, ClusterBook, ClusterEvent } from "../../../src/cluster/index.ts";
import { type LeaseHand } from "../../support/cluster_leases.ts";
import { LOST, type BookKit } from "./book_kit.ts";

export function testLeases(kit: BookKit): void {
  describe("leases", () => {
    it("give each block to one", async () => {
      await kit.submitAndCut();
      const claims = Array.from({ length: 10 }, (_, i) => (i % 2 === 0 ? kit.book : kit.opened.other).claim(`w${i}`));
      const leases = (await Promise.all(claims)).filter((lease) => lease !== null);
      expect(leases.map(({ number }) => number).toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3]);
      expect(await kit.book.claim("late")).toBeNull();
    });

    it("leave a seed to others that a worker cannot open", async () => {
      const id = await kit.submitAndCut();
      expect(await kit.book.claim("one", [id])).toBeNull();
      expect((await kit.book.claim("two"))?.seedId).toBe(id);
    });

    it("count a batch once that is given twice", async () => {
      const id = await kit.submitAndCut();
      const hand = await kit.take();
      const { missing } = await hand.scan();
      const batch = hand.nextBatch(missing.slice(0, 5));
      await kit.book.commit(hand.lease, batch);
      await kit.opened.other.commit(hand.lease, batch);
      expect((await kit.book.getStatus(id)).counts).toMatchObject({ stored: 5, bytes: 15 });
      const last = hand.end(hand.nextBatch(missing.slice(5)));
      await kit.book.complete(hand.lease, last);
      // It was done, and the answer was lost: somebody who asks again is told that there is nothing left to do.
      await expect(kit.book.complete(hand.lease, last)).rejects.toMatchObject(LOST);
      expect((await kit.book.getStatus(id)).counts).toMatchObject({ stored: 16, bytes: 48 });
    });

    it("refuse everything once they were given back", async () => {
      const id = await kit.submitAndCut();
      const hand = await kit.take();
      const { missing } = await hand.scan();
      await kit.book.giveBack(hand.lease);
      await expectRefused(hand, missing[0]);
      expect((await kit.book.getStatus(id)).blocks).toMatchObject({ queued: 4, leased: 0 });
      // At once, and not as another attempt.
      for (let i = 0; i < 4; i++) expect((await kit.take("two")).lease.attempt).toBe(0);
    });

    it("refuse everything once another has the block", async () => {
      await kit.submitAndCut();
      const hands = [await kit.take(), await kit.take(), await kit.take(), await kit.take()];
      const [hand] = hands as [LeaseHand];
      const { missing } = await hand.scan();
      await kit.silence();
      const again = new Map<number, LeaseHand>();
      for (let i = 0; i < 4; i++) {
        const next = await kit.take("two", kit.opened.other);
        expect(next.lease.attempt).toBe(1);
        again.set(next.lease.number, next);
      }
      await expectRefused(hand, missing[0]);
      await again.get(hand.lease.number)?.finish();
    });

    it("hold while nobody else has the block, however long its worker was silent", async () => {
      const id = await kit.submitAndCut();
      const hand = await kit.take();
      await kit.silence();
      await hand.finish();
      expect(await kit.finishAll()).toBe(3);
      expect(await kit.book.getStatus(id)).toMatchObject({ state: "ended", counts: { stored: 64, present: 0 } });
    });

    const expectRefused = async (hand: LeaseHand, tile = { z: 3, x: 0, y: 0 }): Promise<void> => {
      const { lease } = hand;
      const batch = hand.nextBatch([tile]);
      const refused = [
        () => kit.book.noteScan(lease, { present: 0, empty: 0, missing: 16 }),
        () => kit.book.commit(lease, batch),
        () => kit.book.complete(lease, hand.end(batch)),
        () => kit.book.giveBack(lease),
        () => kit.book.fail(lease, new Error("late")),
      ];
      for (const one of refused) await expect(one()).rejects.toMatchObject(LOST);
      expect(await kit.opened.tiles.has(tile)).toBe(false);
    };
  });

  describe("reports", () => {
    it("keep leases alive, and say which are lost and which seeds have stopped", async () => {
      const id = await kit.submitAndCut();
      const kept = await kit.take();
      const silent = await kit.take();
      const report = (leases: BlockLease[]): ReturnType<ClusterBook["report"]> =>
        kit.book.report({ worker: "one", leases, seeds: [] });
      expect(await report([kept.lease, silent.lease])).toMatchObject({ lost: [], stopped: [] });
      await kit.opened.advance(8000);
      await report([kept.lease]);
      await kit.opened.advance(8000);
      await kit.book.tidy();
      const orders = await report([kept.lease, silent.lease]);
      expect(orders.lost).toEqual([silent.lease]);
      expect(orders.nowMs).toBeGreaterThan(Date.UTC(2020, 0, 1));
      await kit.book.setState(id, "paused");
      expect((await report([kept.lease])).stopped).toEqual([id]);
      await kept.finish();
      expect((await report([kept.lease])).lost).toEqual([kept.lease]);
    });

    it("tell an old lease of a job from the new one of the same worker", async () => {
      await kit.submitAndCut();
      const old = await kit.take();
      for (let i = 0; i < 3; i++) await (await kit.take()).finish();
      await kit.silence();
      const { lease } = await kit.take();
      expect([lease.number, lease.attempt]).toEqual([old.lease.number, 1]);
      const { lost } = await kit.book.report({ worker: "one", leases: [old.lease, lease], seeds: [] });
      expect(lost).toEqual([old.lease]);
    });

    it("add up what workers say of themselves", async () => {
      const id = await kit.submitAndCut();
      const figures = { seedId: id, requests: 5, retries: 2, rejected: 1, tilesPerSecond: 7 };
      await kit.book.report({ worker: "one", leases: [], seeds: [figures] });
      await kit.opened.other.report({ worker: "one", leases: [], seeds: [{ ...figures, tilesPerSecond: 9 }] });
      await kit.book.report({ worker: "two", leases: [], seeds: [figures, { ...figures, seedId: "gone" }] });
      const { counts, workers } = await kit.book.getStatus(id);
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
      await using _listening = await kit.opened.other.listen((event) => heard.push(event));
      const id = await kit.submitAndCut();
      await expect.poll(() => heard).toContainEqual({ kind: "work", seedId: id });
      await kit.book.setState(id, "paused");
      await expect.poll(() => heard).toContainEqual({ kind: "state", seedId: id });
      await kit.book.setState(id, "running");
      await kit.finishAll();
      // Paused, resumed, ended.
      await expect.poll(() => heard.filter((event) => event?.kind === "state")).toHaveLength(3);
    });
  });
}
