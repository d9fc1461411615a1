import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { BudgetAnswer, BudgetAsk, BudgetBook, BudgetNews, SharePolicy } from "../../src/cluster/index.ts";

export interface OpenBook {
  readonly book: BudgetBook;
  /** A second view of the same budget, as another machine has it. */
  readonly other: BudgetBook;
  /** Lets time pass for the book, whose clock stands still otherwise. */
  advance(ms: number): Promise<void>;
  close(): Promise<void>;
}

const policy: SharePolicy = { ratePerSecond: null, places: null, openMs: 1000, maxOpenMs: 8000, maxProbes: 2 };
const quiet = { permits: 0, wants: 0, holds: 0, wantsProbe: false, pauseMs: 0, trips: null, probe: null };

function askOf(
  member: string,
  more: Omit<Partial<BudgetAsk>, "policy"> & { policy?: Partial<SharePolicy> },
): BudgetAsk {
  return { host: "h:80", member, ...quiet, ...more, policy: { ...policy, ...more.policy } };
}

/** What every budget book does. Its clock stands still but for `advance`. */
export function testBudgetBook(name: string, open: () => Promise<OpenBook>): void {
  describe(`${name} as a budget book`, () => {
    let opened: OpenBook;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.close());

    const ask = (member: string, more: Parameters<typeof askOf>[1] = {}): Promise<BudgetAnswer> =>
      opened.book.ask(askOf(member, more));
    /** Times of a database are ms since 1970 as binary fractions. */
    const near = (gotMs: number | null | undefined, expectedMs: number): void =>
      expect(gotMs).toBeCloseTo(expectedMs, 2);

    it("hands permits out one after the other, a tenth of a second of the rate at a time", async () => {
      const rated = { permits: 500, policy: { ratePerSecond: 100 } };
      const first = await ask("a", rated);
      expect(first.permits).toEqual({ count: 10, inMs: 0, intervalMs: 10 });
      expect(first.leaseSize).toBe(10);
      for (const [i, member] of ["b", "a", "c"].entries()) {
        const { permits } = await opened.other.ask(askOf(member, rated));
        expect(permits).toMatchObject({ count: 10, intervalMs: 10 });
        near(permits?.inMs, (i + 1) * 100);
      }
      expect((await ask("b", { ...rated, permits: 3 })).permits?.count).toBe(3);
      await opened.advance(60_000);
      expect((await ask("a", rated)).permits?.inMs).toBe(0);
    });

    it("gives one permit at a time where the rate is small, and none where there is no rate", async () => {
      expect((await ask("a", { permits: 9, policy: { ratePerSecond: 0.5 } })).permits?.count).toBe(1);
      near((await ask("b", { permits: 9, policy: { ratePerSecond: 0.5 } })).permits?.inMs, 2000);
      const free = await opened.book.ask({ ...askOf("a", { permits: 9 }), host: "free:80" });
      expect([free.permits, free.leaseSize, free.places]).toEqual([null, null, null]);
    });

    it("holds all to the strictest setting of those that live", async () => {
      await ask("strict", { policy: { ratePerSecond: 10, places: 2 } });
      const lax = await ask("lax", { permits: 50, wants: 9, policy: { ratePerSecond: 100, places: 8 } });
      expect([lax.leaseSize, lax.places, lax.permits?.intervalMs]).toEqual([1, 2, 100]);
      await opened.advance(11_000);
      const later = await ask("lax", { permits: 50, wants: 9, holds: 2, policy: { ratePerSecond: 100, places: 8 } });
      expect([later.leaseSize, later.places]).toEqual([10, 8]);
    });

    it("shares places fairly, and lends what nobody else wants", async () => {
      const places = { policy: { places: 6 } };
      expect((await ask("a", { wants: 9, ...places })).places).toBe(6);
      expect((await ask("b", { wants: 9, ...places })).places).toBe(0);
      // It shrinks, but what it holds is its own until it says otherwise.
      expect((await ask("a", { wants: 9, holds: 6, ...places })).places).toBe(3);
      expect((await ask("b", { wants: 9, ...places })).places).toBe(0);
      expect((await ask("a", { wants: 9, holds: 4, ...places })).places).toBe(3);
      expect((await ask("b", { wants: 9, ...places })).places).toBe(2);
      expect((await ask("a", { wants: 9, holds: 3, ...places })).places).toBe(3);
      expect((await ask("b", { wants: 9, holds: 2, ...places })).places).toBe(3);
      expect((await ask("a", { wants: 1, holds: 1, ...places })).places).toBe(1);
      expect((await ask("b", { wants: 9, holds: 3, ...places })).places).toBe(5);
    });

    it("lets the places go round when there are more members than places", async () => {
      const slot = { wants: 1, policy: { places: 1 } };
      expect((await ask("a", slot)).places).toBe(1);
      await opened.advance(1);
      expect((await ask("b", slot)).places).toBe(0);
      await opened.advance(1);
      expect((await ask("c", slot)).places).toBe(0);
      expect((await ask("a", { ...slot, holds: 1 })).places).toBe(1);
      await opened.advance(2000);
      await Promise.all([ask("b", slot), ask("c", slot)]);
      expect((await ask("a", { ...slot, holds: 1 })).places).toBe(0);
      expect((await ask("b", slot)).places).toBe(0);
      expect((await ask("a", slot)).places).toBe(0);
      expect((await ask("c", slot)).places).toBe(0);
      expect((await ask("b", slot)).places).toBe(1);
    });

    it("takes back what a member held that was killed, and what one gave back", async () => {
      const slot = { wants: 1, policy: { places: 1 } };
      await ask("killed", slot);
      await opened.advance(9000);
      expect((await ask("b", slot)).places).toBe(0);
      await opened.advance(2000);
      expect((await ask("b", slot)).places).toBe(1);
      await opened.book.leave("h:80", "b");
      await opened.book.leave("h:80", "b");
      expect((await ask("c", slot)).places).toBe(1);
    });

    it("pauses the host for all: permits of before are void, the next are due after it", async () => {
      const rated = { permits: 10, policy: { ratePerSecond: 100 } };
      const before = await ask("a", rated);
      await ask("b", { ...rated, permits: 0, pauseMs: 5000 });
      const during = await ask("a", rated);
      near(during.condition.pausedForMs, 5000);
      expect(during.permits).toBeNull();
      expect(during.condition.version).toBeGreaterThan(before.condition.version);
      await ask("b", { pauseMs: 1000 });
      near((await ask("a")).condition.pausedForMs, 5000);
      await opened.advance(5000);
      const after = await ask("a", rated);
      expect([after.condition.pausedForMs, after.permits?.count, after.permits?.inMs]).toEqual([0, 10, 0]);
    });

    it("opens the breaker for all, and gives its probe to one", async () => {
      const { breakerVersion } = (await ask("a")).condition;
      const opens = await ask("a", { trips: breakerVersion });
      near(opens.condition.openForMs, 1000);
      // Said again, or by another who saw the same: it stays as it is.
      await opened.advance(600);
      near((await ask("b", { trips: breakerVersion, wantsProbe: true })).condition.openForMs, 400);
      await opened.advance(500);
      expect((await ask("b", { wantsProbe: true })).probe).toBe(true);
      expect((await ask("a", { wantsProbe: true })).probe).toBe(false);
      expect((await ask("b", { wantsProbe: true })).probe).toBe(true);
      const failed = await ask("b", { probe: "bad" });
      expect(failed.condition.isSpent).toBe(false);
      near(failed.condition.openForMs, 2000);
      await opened.advance(2100);
      expect((await ask("a", { wantsProbe: true })).probe).toBe(true);
      const dead = await ask("a", { probe: "bad" });
      expect(dead.condition.isSpent).toBe(true);
      near(dead.condition.openForMs, 4000);
      await opened.advance(4100);
      expect((await ask("a", { wantsProbe: true })).probe).toBe(true);
      const well = await ask("a", { probe: "good" });
      expect(well.condition).toMatchObject({ openForMs: null, isSpent: false });
      expect((await ask("b", { trips: breakerVersion })).condition.openForMs).toBeNull();
    });

    it("gives the probe to another when its owner found nothing, or was killed, and one permit with it", async () => {
      const rated = { policy: { ratePerSecond: 100 }, permits: 10, wantsProbe: true };
      const { breakerVersion } = (await ask("a")).condition;
      await ask("a", { trips: breakerVersion });
      await opened.advance(1100);
      expect((await ask("a", rated)).permits?.count).toBe(1);
      expect((await ask("b", rated)).permits).toBeNull();
      expect((await ask("a", { probe: "nothing", wantsProbe: false })).probe).toBe(false);
      expect((await ask("b", rated)).probe).toBe(true);
      expect((await ask("a", { wantsProbe: true, probe: "good" })).condition.openForMs).toBe(0);
      await opened.advance(11_000);
      expect((await ask("a", rated)).probe).toBe(true);
    });

    it("tells all who watch of pauses and of the breaker, and who is next of places that are free", async () => {
      const heard: BudgetNews[] = [];
      await using _watching = await opened.other.watch((news) => heard.push(news));
      const told = (): Promise<void> =>
        expect.poll(() => opened.advance(0).then(() => heard.length)).toBeGreaterThan(0);
      await ask("a", { pauseMs: 5000 });
      await told();
      near(heard[0]?.condition.pausedForMs, 5000);
      expect(heard.splice(0)).toMatchObject([{ host: "h:80", next: [], condition: { openForMs: null } }]);
      await ask("a", { pauseMs: 4000 });
      const slot = { wants: 1, policy: { places: 1 } };
      await ask("a", slot);
      await ask("b", slot);
      await opened.advance(10);
      await ask("c", slot);
      await ask("a", { ...slot, wants: 0, holds: 0 });
      await told();
      expect(heard.splice(0).map(({ next }) => next)).toEqual([["b"]]);
      expect((await ask("b", slot)).places).toBe(1);
      await opened.book.leave("h:80", "b");
      await told();
      expect(heard.map(({ next }) => next)).toEqual([["c"]]);
    });

    it("keeps hosts apart", async () => {
      await ask("a", { pauseMs: 60_000 });
      const other = await opened.book.ask({ ...askOf("a", {}), host: "other:80" });
      expect(other.condition.pausedForMs).toBe(0);
    });

    it("answers many at once, and each permit to one of them alone", async () => {
      const rated = { permits: 100, policy: { ratePerSecond: 1000 } };
      const members = Array.from({ length: 40 }, (_, i) => `m${i}`);
      const answers = await Promise.all(
        members.map((member, i) => (i % 2 === 0 ? opened.book : opened.other).ask(askOf(member, rated))),
      );
      expect(answers.map(({ permits }) => permits?.count)).toEqual(members.map(() => 100));
      const last = Math.max(...answers.map(({ permits }) => permits?.inMs ?? 0));
      // 40 leases of 100 ms, one after the other.
      near(last, 3900);
    });
  });
}
