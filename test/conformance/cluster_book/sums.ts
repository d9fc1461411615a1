import { describe, expect, it } from "vitest";
import { failedOf } from "../../support/cluster_leases.ts";
import { type BookKit } from "./book_kit.ts";

export function testSums(kit: BookKit): void {
  describe("sums", () => {
    it("are refused with the whole block when tiles are missing that no failure explains", async () => {
      const id = await kit.submitAndCut();
      const hand = await kit.take();
      const { missing } = await hand.scan();
      const short = hand.nextBatch(missing.slice(0, 14));
      const end = hand.end(short, failedOf(missing.slice(14, 15)));
      await expect(kit.book.complete(hand.lease, end)).rejects.toMatchObject({ code: "seed.incomplete" });
      expect((await kit.opened.tiles.count()).present).toBe(0);
      expect((await kit.book.getStatus(id)).counts).toMatchObject({ stored: 0, failed: 0, bytes: 0 });
      // The lease holds, and the same batch is still the next.
      await kit.book.complete(hand.lease, hand.end(short, failedOf(missing.slice(14))));
      expect((await kit.book.getStatus(id)).counts).toMatchObject({ stored: 14, failed: 2, bytes: 42 });
    });

    it("are exact after a kill, of tiles that were there, known to be empty, found empty, and failed", async () => {
      const before = [...Array(8).keys()].map((x) => ({ z: 3, x, y: 0 }));
      await kit.opened.tiles.putMany([
        { kind: "tile", tile: before[0] as { z: 3; x: number; y: 0 }, fetchedAtMs: 0, data: Uint8Array.of(1) },
        { kind: "empty", tile: before[1] as { z: 3; x: number; y: 0 }, fetchedAtMs: 0 },
      ]);
      const id = await kit.submitAndCut();
      const killed = await kit.take();
      const { scan, missing } = await killed.scan();
      expect(scan).toEqual({ present: 1, empty: 1, missing: 14 });
      await killed.commit(missing.slice(0, 3));
      await killed.commit(missing.slice(3, 5), "empty");
      expect((await kit.book.getStatus(id)).counts).toMatchObject({ present: 1, stored: 3, empty: 3 });
      for (let i = 0; i < 3; i++) await (await kit.take()).finish();
      await kit.silence();
      const second = await kit.take("two");
      expect(second.lease).toMatchObject({ number: killed.lease.number, attempt: 1, batches: 2 });
      expect((await second.scan()).missing).toEqual(missing.slice(5));
      await second.commit(missing.slice(5, 10));
      await kit.book.complete(
        second.lease,
        second.end(second.nextBatch(missing.slice(10, 12)), failedOf(missing.slice(12))),
      );
      const { counts, failures, state, workers } = await kit.book.getStatus(id);
      expect(counts).toMatchObject({ present: 1, stored: 58, empty: 3, failed: 2, bytes: 58 * 3 });
      expect([state, failures]).toEqual(["ended", { "http.status": 2 }]);
      expect(workers.map(({ worker, blocks }) => [worker, blocks])).toEqual([
        ["one", 0],
        ["two", 0],
      ]);
      const listed = [];
      for await (const run of kit.book.listFailed(id)) listed.push(run);
      expect(listed).toEqual(failedOf(missing.slice(12)));
    });

    it("are exact after a retry of failed tiles, twice, in blocks around them", async () => {
      const id = await kit.submitAndCut();
      const hand = await kit.take();
      const { missing } = await hand.scan();
      const failed = [2, 5, 11].map((index) => missing[index] as (typeof missing)[number]);
      const rest = missing.filter((tile) => !failed.includes(tile));
      await kit.book.complete(hand.lease, hand.end(hand.nextBatch(rest), failedOf(failed)));
      for (let i = 0; i < 3; i++) await (await kit.take()).finish();
      expect((await kit.book.getStatus(id)).counts).toMatchObject({ stored: 61, failed: 3 });
      expect(await kit.book.retry(id)).toBe(1);
      expect(await kit.book.getStatus(id)).toMatchObject({ state: "running", counts: { stored: 61, failed: 0 } });
      const again = await kit.take("two");
      expect(again.lease.count).toBe(3);
      const scan = await again.scan();
      expect(scan.missing).toHaveLength(3);
      await again.commit(scan.missing.slice(0, 1));
      await kit.book.complete(
        again.lease,
        again.end(again.nextBatch(scan.missing.slice(1, 2), "empty"), failedOf(scan.missing.slice(2))),
      );
      const middle = await kit.book.getStatus(id);
      expect(middle).toMatchObject({ state: "ended", counts: { present: 0, stored: 62, empty: 1, failed: 1 } });
      // Another seed may have brought the tile meanwhile.
      await kit.opened.tiles.putMany([
        { kind: "tile", tile: scan.missing[2] as (typeof missing)[number], fetchedAtMs: 0, data: Uint8Array.of(1) },
      ]);
      expect(await kit.book.retry(id)).toBe(1);
      expect(await kit.finishAll()).toBe(1);
      const last = await kit.book.getStatus(id);
      expect(last).toMatchObject({ state: "ended", counts: { present: 1, stored: 62, empty: 1, failed: 0 } });
      expect([last.blocks.done, await kit.book.retry(id)]).toEqual([4, 0]);
    });

    it("are exact for a dead block of which a part was written", async () => {
      const id = await kit.submitAndCut();
      for (let i = 0; i < 3; i++) await (await kit.take()).finish();
      const part = await kit.take();
      await part.commit((await part.scan()).missing.slice(0, 6));
      await kit.book.giveBack(part.lease);
      await kit.failNineTimes();
      expect(await kit.book.getStatus(id)).toMatchObject({ state: "ended", counts: { stored: 54, failed: 10 } });
      await kit.book.retry(id);
      await kit.finishAll();
      expect(await kit.book.getStatus(id)).toMatchObject({
        state: "ended",
        counts: { present: 0, stored: 64, failed: 0 },
      });
    });
  });
}
