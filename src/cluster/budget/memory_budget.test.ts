import { describe, expect, it } from "vitest";
import { testBudgetBook } from "../../../test/conformance/budget_book.ts";
import { FakeClock } from "../../../test/support/fake_clock.ts";
import { MemoryBudget } from "./memory_budget.ts";

testBudgetBook("MemoryBudget", () => {
  const clock = new FakeClock();
  const book = new MemoryBudget({ clock });
  return Promise.resolve({
    book,
    other: book,
    advance: (ms) => clock.advance(ms),
    close: () => Promise.resolve(),
  });
});

describe("MemoryBudget", () => {
  it("forgets hosts that nobody asks any more", async () => {
    const clock = new FakeClock();
    const book = new MemoryBudget({ clock });
    const policy = { ratePerSecond: null, places: null, openMs: 1, maxOpenMs: 1, maxProbes: 1 };
    const quiet = { permits: 0, wants: 0, holds: 0, wantsProbe: false, pauseMs: 0, trips: null, probe: null };
    for (let i = 0; i < 255; i++) await book.ask({ host: `h${i}`, member: "a", policy, ...quiet });
    await clock.advance(11 * 60_000);
    await book.ask({ host: "used", member: "a", policy, ...quiet });
    expect(book.size).toBe(1);
  });
});
