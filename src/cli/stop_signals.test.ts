import { afterEach, describe, expect, test, vi } from "vitest";
import { isCancelled } from "../core/index.ts";
import { listenForStop } from "./stop_signals.ts";

afterEach(() => void vi.restoreAllMocks());

const count = (): number => process.listenerCount("SIGINT") + process.listenerCount("SIGTERM");

describe("listenForStop", () => {
  test.each(["SIGINT", "SIGTERM"] as const)(
    "the first %s aborts with a cancel and says so; the second ends at once",
    (name) => {
      const exit = vi.spyOn(process, "exit").mockImplementation((() => undefined) as () => never);
      const said: string[] = [];
      const others = process.listeners(name);
      process.removeAllListeners(name);
      const stop = listenForStop((text) => said.push(text));
      const { signal } = stop;
      try {
        expect(signal.aborted).toBe(false);
        process.emit(name, name);
        expect(isCancelled(signal.reason)).toBe(true);
        expect(said).toEqual([expect.stringMatching(new RegExp(`^${name}: stopping`))]);
        expect(exit).not.toHaveBeenCalled();
        process.emit(name, name);
        expect(exit).toHaveBeenCalledExactlyOnceWith(130);
      } finally {
        stop[Symbol.dispose]();
        for (const other of others) process.on(name, other);
      }
    },
  );

  test("gives the signals back", () => {
    const before = count();
    {
      using stop = listenForStop(() => undefined);
      expect(stop.signal.aborted).toBe(false);
      expect(count()).toBe(before + 2);
    }
    expect(count()).toBe(before);
  });
});
