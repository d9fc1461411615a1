import { describe, expect, it } from "vitest";
import type { Speed } from "../../../src/cluster/index.ts";
import { cutMore } from "../../../src/cluster/worker/cut_more.ts";
import { submitFake } from "../../support/cluster.ts";
import { LOST, type BookKit } from "./book_kit.ts";

export function testSubmitting(kit: BookKit): void {
  describe("submitting", () => {
    it("twice makes one seed", async () => {
      const { id, planned } = await submitFake(kit.book, kit.seed);
      expect(planned).toBe(64);
      expect(await submitFake(kit.opened.other, kit.seed)).toMatchObject({ id, isNew: false });
      await kit.book.setState(id, "paused");
      expect((await submitFake(kit.book, { ...kit.seed, blockTiles: 7 })).isNew).toBe(false);
      const mine = (await kit.opened.other.listSeeds()).filter((one) => one.id === id);
      expect(mine).toMatchObject([{ state: "paused", planned: 64, endedAtMs: null }]);
      await expect(kit.book.getSeed("nobody")).rejects.toMatchObject({ code: "cluster.unknownSeed" });
      await expect(kit.book.getStatus("nobody")).rejects.toMatchObject({ code: "cluster.unknownSeed" });
      await expect(kit.book.setState("nobody", "paused")).rejects.toMatchObject({ code: "cluster.unknownSeed" });
    });

    it("knows the workers of the cluster before any has worked on the seed", async () => {
      for (const worker of ["one", "two", "one"]) await kit.book.report({ worker, leases: [], seeds: [] });
      const { id } = await submitFake(kit.book, kit.seed);
      const speeds: Speed[] = [];
      await kit.opened.other.cut(id, ({ cursor }, speed) => {
        speeds.push(speed);
        return { blocks: [], cursor };
      });
      expect(speeds).toMatchObject([{ tilesPerSecond: null, remainingTiles: 64 }]);
      expect(speeds[0]?.workers).toBeGreaterThanOrEqual(2);
    });

    it("one that has ended begins again with fresh sums, and finds its tiles", async () => {
      const id = await kit.submitAndCut();
      expect(await kit.finishAll()).toBe(4);
      const first = await kit.book.getStatus(id);
      expect([first.state, first.counts.stored, first.counts.bytes, first.blocks.done]).toEqual(["ended", 64, 192, 4]);
      expect(first.endedAtMs).not.toBeNull();
      expect(await submitFake(kit.book, kit.seed)).toMatchObject({ id, isNew: true });
      const fresh = await kit.book.getStatus(id);
      expect(fresh).toMatchObject({ state: "running", counts: { stored: 0, present: 0, bytes: 0 }, endedAtMs: null });
      await cutMore(kit.book, new Map());
      await kit.finishAll();
      const { counts, state } = await kit.book.getStatus(id);
      expect([state, counts.present, counts.stored]).toEqual(["ended", 64, 0]);
    });

    it("one that was cancelled begins again; leases of before are refused", async () => {
      const id = await kit.submitAndCut();
      const old = await kit.take();
      await old.scan();
      const failed = await kit.take();
      await kit.book.fail(failed.lease, new Error("once"));
      await kit.book.setState(id, "cancelled");
      expect((await submitFake(kit.book, kit.seed)).isNew).toBe(true);
      await cutMore(kit.book, new Map());
      await expect(old.commit([{ z: 3, x: 0, y: 0 }])).rejects.toMatchObject(LOST);
      const numbers: number[] = [];
      for (let lease = await kit.book.claim("two"); lease !== null; lease = await kit.book.claim("two")) {
        expect(lease.attempt).toBe(0);
        numbers.push(lease.number);
        await kit.handOf(lease).finish();
      }
      expect(numbers.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3]);
      expect(await kit.book.getStatus(id)).toMatchObject({ state: "ended", counts: { stored: 64 } });
    });
  });

  describe("cutting", () => {
    it("cuts each block once, though two do it at the same time", async () => {
      const id = await kit.submit();
      const cut = await Promise.all([cutMore(kit.book, new Map()), cutMore(kit.opened.other, new Map())]);
      expect(cut.reduce((sum, count) => sum + count)).toBe(4);
      const { blocks, cursor } = await kit.book.getStatus(id);
      expect([blocks.queued, cursor]).toEqual([4, null]);
      const seen = new Set<string>();
      for (let i = 0; i < 4; i++) {
        const { block } = await kit.take();
        seen.add(JSON.stringify(block.range));
      }
      expect(seen.size).toBe(4);
      expect(await kit.book.listHungry()).toEqual([]);
    });

    it("keeps few rows of a plan of 10^9 tiles, and cuts on where it stopped", async () => {
      kit.seed = { ...kit.seed, zooms: [15], blockTiles: 1024 };
      const { id, planned } = await submitFake(kit.book, kit.seed);
      expect(planned).toBeGreaterThan(10 ** 9);
      for (let i = 0; i < 3; i++) await cutMore(kit.book, new Map());
      const { blocks, cursor } = await kit.book.getStatus(id);
      expect(blocks.queued).toBeLessThanOrEqual(32);
      expect(cursor).not.toBeNull();
      const first = await kit.take();
      const ranges = new Set([JSON.stringify(first.block.range)]);
      for (let i = 1; i < 40; i++) {
        await cutMore(kit.book, new Map());
        ranges.add(JSON.stringify((await kit.take()).block.range));
      }
      expect(ranges.size).toBe(40);
    });

    it("ends a seed whose rest is empty, and asks for none that is paused", async () => {
      const id = await kit.submit();
      expect(await kit.book.listHungry()).toEqual([id]);
      await kit.book.setState(id, "paused");
      expect(await kit.book.listHungry()).toEqual([]);
      await kit.book.setState(id, "running");
      expect(await kit.book.cut(id, () => ({ blocks: [], cursor: null }))).toBe(0);
      expect((await kit.book.getSeed(id)).state).toBe("ended");
      expect(await kit.book.cut(id, () => ({ blocks: [], cursor: null }))).toBe(0);
    });
  });
}
