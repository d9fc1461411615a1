import { describe, expect, it } from "vitest";
import { cutMore } from "../../../src/cluster/worker/cut_more.ts";
import { submitFake } from "../../support/cluster.ts";
import { MINUTES_MS, type BookKit } from "./book_kit.ts";

export function testControl(kit: BookKit): void {
  describe("blocks that fail", () => {
    it("are tried again later", async () => {
      const id = await kit.submitAndCut();
      const hands = [await kit.take(), await kit.take(), await kit.take(), await kit.take()];
      for (const { lease } of hands) await kit.book.fail(lease, new Error("away"));
      expect(await kit.book.claim("one")).toBeNull();
      expect((await kit.book.getStatus(id)).blocks).toMatchObject({ queued: 4, leased: 0, dead: 0 });
      await kit.opened.advance(2100);
      expect((await kit.take()).lease.attempt).toBe(1);
    });

    it("nine times are dead: the seed ends without them, and retry raises them", async () => {
      const id = await kit.submitAndCut();
      for (let i = 0; i < 3; i++) await (await kit.take()).finish();
      const { lease } = await kit.take();
      await kit.book.giveBack(lease);
      await kit.failNineTimes();
      const status = await kit.book.getStatus(id);
      expect(status).toMatchObject({ state: "ended", blocks: { dead: 1, queued: 0, leased: 0, done: 3 } });
      expect(status.counts).toMatchObject({ stored: 48, failed: 16 });
      expect(status.failures).toEqual({ "cluster.deadBlock": 16 });
      expect(await kit.book.listDead(id)).toEqual([
        { number: lease.number, range: lease.range, attempts: 9, error: "failed for the 9. time" },
      ]);
      expect(await kit.book.claim("one")).toBeNull();
      expect(await kit.book.retry(id)).toBe(1);
      expect((await kit.take()).lease.attempt).toBe(0);
      await kit.silence();
      expect(await kit.finishAll()).toBe(1);
      const { state, counts } = await kit.book.getStatus(id);
      expect([state, counts.stored, counts.failed]).toEqual(["ended", 64, 0]);
    });

    it("that were dead are not taken for those of the seed that is submitted again", async () => {
      const id = await kit.submitAndCut();
      const hand = await kit.take();
      for (let i = 0; i < 3; i++) await (await kit.take()).finish();
      await kit.book.giveBack(hand.lease);
      for (let attempt = 1; attempt <= 9; attempt++) {
        await kit.book.fail((await kit.take()).lease, new Error("away"));
        await kit.opened.advance(10 * MINUTES_MS);
      }
      await kit.book.setState(id, "cancelled").catch(() => undefined);
      await submitFake(kit.book, kit.seed);
      await cutMore(kit.book, new Map());
      await kit.book.tidy();
      expect((await kit.book.getStatus(id)).blocks).toMatchObject({ queued: 4, dead: 0 });
      expect(await kit.finishAll()).toBe(4);
      expect((await kit.book.getSeed(id)).state).toBe("ended");
    });

    it("are not dead while their worker has given them back after all", async () => {
      const id = await kit.submitAndCut();
      for (let i = 0; i < 3; i++) await (await kit.take()).finish();
      let last = await kit.take();
      for (let attempt = 1; attempt <= 8; attempt++) {
        await kit.book.fail(last.lease, new Error("away"));
        await kit.opened.advance(10 * MINUTES_MS);
        last = await kit.take();
      }
      expect(last.lease.attempt).toBe(8);
      // The ninth attempt is silent for too long, and then gives the block back, before or after it was put aside.
      await kit.opened.advance(11_000);
      await Promise.allSettled([kit.book.tidy(), kit.opened.other.giveBack(last.lease)]);
      await kit.book.tidy();
      const { blocks } = await kit.book.getStatus(id);
      expect(blocks.dead + blocks.queued).toBe(1);
      if (blocks.dead === 1) await kit.book.retry(id);
      expect(await kit.finishAll()).toBe(1);
      expect(await kit.book.getStatus(id)).toMatchObject({
        state: "ended",
        counts: { stored: 64 },
        blocks: { dead: 0 },
      });
    });
  });

  describe("control", () => {
    it("of a paused seed nothing is claimed; what is in work may end; resumed it goes on", async () => {
      const id = await kit.submitAndCut();
      const hand = await kit.take();
      const given = await kit.take();
      await kit.book.setState(id, "paused");
      await kit.book.setState(id, "paused");
      expect(await kit.book.claim("two")).toBeNull();
      await kit.book.giveBack(given.lease);
      await hand.finish();
      expect((await kit.book.getStatus(id)).blocks).toMatchObject({ queued: 3, leased: 0, done: 1 });
      expect(await kit.book.claim("two")).toBeNull();
      await kit.book.setState(id, "running");
      expect(await kit.finishAll()).toBe(3);
      await expect(kit.book.setState(id, "paused")).rejects.toMatchObject({ code: "cluster.state" });
    });

    it("a seed whose last block ended while it was paused ends when it is resumed", async () => {
      const id = await kit.submitAndCut();
      const hands = [await kit.take(), await kit.take(), await kit.take(), await kit.take()];
      await kit.book.setState(id, "paused");
      for (const hand of hands) await hand.finish();
      expect((await kit.book.getSeed(id)).state).toBe("paused");
      await kit.book.setState(id, "running");
      expect((await kit.book.getSeed(id)).state).toBe("ended");
    });

    it("of a cancelled seed blocks are closed, written tiles stay, the rest is cancelled", async () => {
      const id = await kit.submitAndCut();
      await (await kit.take()).finish();
      const hand = await kit.take();
      const { missing } = await hand.scan();
      await hand.commit(missing.slice(0, 3));
      const silent = await kit.take();
      await silent.commit((await silent.scan()).missing.slice(0, 2));
      await kit.book.setState(id, "cancelled");
      await hand.commit(missing.slice(3, 4));
      await kit.book.giveBack(hand.lease);
      await kit.silence();
      expect(await kit.book.claim("two")).toBeNull();
      const { state, counts, blocks, planned } = await kit.book.getStatus(id);
      expect(state).toBe("cancelled");
      expect(blocks).toEqual({ queued: 0, leased: 0, dead: 0, done: 1 });
      expect(counts).toMatchObject({ present: 0, stored: 22, empty: 0, failed: 0, bytes: 66 });
      expect(planned - counts.stored).toBe(42);
      expect((await kit.opened.tiles.count()).present).toBe(22);
      await expect(kit.book.retry(id)).rejects.toMatchObject({ code: "cluster.state" });
      await expect(kit.book.setState(id, "running")).rejects.toMatchObject({ code: "cluster.state" });
    });
  });
}
