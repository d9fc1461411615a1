import { afterEach, describe, expect, test, vi } from "vitest";
import { FakeClock, flush } from "../../test/support/fake_clock.ts";
import { abortable, abortErrorOf, throwIfAborted, whenAborted } from "./abort.ts";
import { sleep, systemClock } from "./clock.ts";
import { CancelledError, TilthError } from "./errors.ts";

afterEach(() => vi.useRealTimers());

describe("the error of an aborted signal", () => {
  test("is the reason when that is ours, else a CancelledError around it", () => {
    const reason = new TilthError("store.full", "no space");
    expect(abortErrorOf(AbortSignal.abort(reason))).toBe(reason);
    const platform = new DOMException("late", "TimeoutError");
    const wrapped = abortErrorOf(AbortSignal.abort(platform));
    expect(wrapped).toBeInstanceOf(CancelledError);
    expect(wrapped.cause).toBe(platform);
    expect(() => throwIfAborted(AbortSignal.abort("why"))).toThrowError(expect.objectContaining({ cause: "why" }));
    expect(() => throwIfAborted(undefined)).not.toThrow();
    expect(() => throwIfAborted(new AbortController().signal)).not.toThrow();
  });
});

describe("whenAborted", () => {
  test("calls once, in a turn of its own when the signal is aborted already", async () => {
    const seen: Error[] = [];
    const controller = new AbortController();
    whenAborted(controller.signal, (error) => seen.push(error));
    controller.abort();
    controller.abort();
    expect(seen).toHaveLength(1);
    whenAborted(controller.signal, (error) => seen.push(error));
    expect(seen).toHaveLength(1);
    await flush();
    expect(seen).toHaveLength(2);
  });

  test("calls no more after it was told to stop, also when the call was on its way", async () => {
    let calls = 0;
    const controller = new AbortController();
    whenAborted(controller.signal, () => (calls += 1))();
    controller.abort();
    whenAborted(controller.signal, () => (calls += 1))();
    whenAborted(undefined, () => (calls += 1))();
    await flush();
    expect(calls).toBe(0);
  });
});

describe("abortable", () => {
  test("settles as the promise does, or at once when the signal aborts", async () => {
    const { signal } = new AbortController();
    expect(await abortable(Promise.resolve(1), signal)).toBe(1);
    expect(await abortable(Promise.resolve(2), undefined)).toBe(2);
    await expect(abortable(Promise.reject(new Error("no")), signal)).rejects.toThrow("no");
    const controller = new AbortController();
    const waiting = abortable(new Promise(() => undefined), controller.signal);
    controller.abort();
    await expect(waiting).rejects.toBeInstanceOf(CancelledError);
  });

  test("leaves no rejection unhandled, whether it comes before or after the abort", async () => {
    const unhandled: unknown[] = [];
    const note = (error: unknown): void => void unhandled.push(error);
    const before = process.listeners("unhandledRejection");
    process.removeAllListeners("unhandledRejection");
    process.on("unhandledRejection", note);
    try {
      await expect(abortable(Promise.reject(new Error("early")), AbortSignal.abort())).rejects.toThrow();
      const controller = new AbortController();
      const late = Promise.withResolvers<void>();
      const waiting = abortable(late.promise, controller.signal);
      controller.abort();
      await expect(waiting).rejects.toThrow();
      late.reject(new Error("late"));
      await flush();
      await flush();
      expect(unhandled).toEqual([]);
    } finally {
      process.off("unhandledRejection", note);
      for (const listener of before) process.on("unhandledRejection", listener);
    }
  });
});

describe("sleep", () => {
  test("waits as long as the clock says", async () => {
    const clock = new FakeClock();
    let awake = false;
    const slept = sleep(100, { clock }).then(() => (awake = true));
    await clock.advance(99);
    expect(awake).toBe(false);
    await clock.advance(1);
    await slept;
    expect(awake).toBe(true);
  });

  test("ends at once and leaves no timer and no listener when the signal aborts", async () => {
    const clock = new FakeClock();
    const controller = new AbortController();
    const slept = sleep(1e9, { clock, signal: controller.signal });
    expect(clock.pendingTimers).toBe(1);
    controller.abort(new TilthError("store.io", "the reason"));
    await expect(slept).rejects.toMatchObject({ code: "store.io" });
    expect(clock.pendingTimers).toBe(0);
    await expect(sleep(1, { clock, signal: controller.signal })).rejects.toMatchObject({ code: "store.io" });
    expect(clock.pendingTimers).toBe(0);
  });

  test("that was slept out listens no more to the signal", async () => {
    const clock = new FakeClock();
    const { signal } = new AbortController();
    const remove = vi.spyOn(signal, "removeEventListener");
    const slept = sleep(10, { clock, signal });
    await clock.advance(10);
    await slept;
    expect(remove).toHaveBeenCalledOnce();
  });
});

describe("the system clock", () => {
  test("fires after 30 days, not at once, and can be stopped in between", () => {
    vi.useFakeTimers();
    const days = 86_400_000;
    const fired: string[] = [];
    systemClock.setTimer(() => fired.push("30 days"), 30 * days);
    const stop = systemClock.setTimer(() => fired.push("stopped"), 60 * days);
    vi.advanceTimersByTime(30 * days - 1);
    expect(fired).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(fired).toEqual(["30 days"]);
    stop();
    vi.advanceTimersByTime(90 * days);
    expect(fired).toEqual(["30 days"]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("has a time that never goes back", () => {
    const first = systemClock.monotonicMs();
    expect(systemClock.monotonicMs()).toBeGreaterThanOrEqual(first);
    expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(1000);
  });
});
