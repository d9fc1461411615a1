import { describe, expect, it } from "vitest";
import { FakeClock } from "../../test/support/fake_clock.ts";
import { runLimited, runWithTimeout, type CallContext } from "./run_with_timeout.ts";

const never = (): Promise<never> => new Promise(() => undefined);

describe("runWithTimeout", () => {
  it("hands the arguments and then the signal, and gives the result", async () => {
    const fn = async (a: number, b: string, { signal }: CallContext): Promise<string> => `${a}${b}${signal.aborted}`;
    expect(await runWithTimeout(fn, 1_000, 1, "x")).toEqual({ success: true, result: "1xfalse", error: undefined });
  });

  it("calls functions that know nothing of a signal", async () => {
    expect(await runWithTimeout((a: number, b: number) => a + b, 1_000, 1, 2)).toMatchObject({
      success: true,
      result: 3,
    });
  });

  it("gives a TimeoutError and aborts the signal", async () => {
    let seen: AbortSignal | undefined;
    const settled = await runWithTimeout(({ signal }) => ((seen = signal), never()), 1);
    expect(settled).toMatchObject({
      success: false,
      result: undefined,
      error: { code: "timeout", fields: { timeoutMs: 1 } },
    });
    expect(seen?.reason).toBe(settled.error);
  });

  it.each([
    ["an Error", () => { throw new RangeError("no"); }, { name: "RangeError" }],
    ["a rejection", () => Promise.reject(new RangeError("no")), { name: "RangeError" }],
    ["what is no Error", () => { throw undefined; }, { code: "task.failed" }],
  ])("never throws: %s", async (_, fn: () => unknown, error) => {
    expect(await runWithTimeout(fn, 1_000)).toMatchObject({ success: false, error });
  }); // prettier-ignore

  it.each([-1, Number.NaN, "5" as unknown as number])("never throws: timeoutMs %s", async (timeoutMs) => {
    expect(await runWithTimeout(() => 1, timeoutMs)).toMatchObject({
      success: false,
      error: { code: "argument.invalid" },
    });
  });

  it("waits for ever when asked to, though no timer is that long", async () => {
    const slow = (): Promise<string> => new Promise((resolve) => setTimeout(() => resolve("late"), 5));
    expect(await runWithTimeout(slow, Infinity)).toMatchObject({ result: "late" });
    expect(await runWithTimeout(slow, 2 ** 40)).toMatchObject({ result: "late" });
  });
});

describe("runLimited", () => {
  it("leaves no timer and ignores a late failure", async () => {
    const clock = new FakeClock();
    const late = Promise.withResolvers<number>();
    const limited = runLimited(() => late.promise, { timeoutMs: 10, clock });
    const rejected = expect(limited).rejects.toMatchObject({ code: "timeout" });
    await clock.advance(10);
    await rejected;
    // An unobserved rejection would fail the test run.
    late.reject(new Error("late"));
    await clock.advance(0);
    expect(await runLimited(() => 5, { timeoutMs: 10, clock })).toBe(5);
    expect(clock.pendingTimers).toBe(0);
  });

  it("does not start when the signal has aborted, and rejects at once when it aborts later", async () => {
    let started = 0;
    const start = (): Promise<never> => ((started += 1), never());
    await expect(runLimited(start, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "cancelled" });
    expect(started).toBe(0);
    const controller = new AbortController();
    const limited = runLimited(start, { signal: controller.signal });
    controller.abort();
    await expect(limited).rejects.toMatchObject({ code: "cancelled" });
  });
});
