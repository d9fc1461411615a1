import { HttpClient } from "../../src/net/index.ts";
import { afterEach } from "vitest";
import { FakeClock } from "./fake_clock.ts";
import { FakeOverpass, type FakeOverpassOptions } from "./fake_overpass.ts";

/** Services and clients that are closed after each test, and the time that they live in. */
export interface OverpassKit {
  /** Of waits between queries, of the service's log, of the age of answers. */
  readonly clock: FakeClock;
  start: (options: Omit<FakeOverpassOptions, "clock">) => Promise<FakeOverpass>;
  /** Its time limits pass only while a service hangs. */
  client: (options?: { userAgent?: string }) => HttpClient;
  /** Settles a promise, letting time pass whenever somebody waits for time. */
  settle: <Result>(promise: Promise<Result>) => Promise<Result>;
}

/** Time of the fake clock that a test may take at the most, seconds. */
const MAX_SECONDS = 200_000;

export function useOverpass(): OverpassKit {
  const clock = new FakeClock(Date.now());
  const httpClock = new FakeClock();
  const services: FakeOverpass[] = [];
  const clients: HttpClient[] = [];
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
    await Promise.all(services.splice(0).map((service) => service.close()));
  });
  const step = async (): Promise<void> => {
    if (clock.pendingTimers > 0) await clock.advance(1000);
    else if (services.some(({ hanging }) => hanging > 0)) await httpClock.advance(10_000);
    else await new Promise((resolve) => setTimeout(resolve, 1));
  };
  return {
    clock,
    start: async (options) => {
      const service = await FakeOverpass.start({ ...options, clock });
      services.push(service);
      return service;
    },
    client: (options) => {
      const client = new HttpClient({ proxyFromEnvironment: false, clock: httpClock, ...options });
      clients.push(client);
      return client;
    },
    settle: async (promise) => {
      let isOpen = true;
      const end = (): void => void (isOpen = false);
      promise.then(end, end);
      for (let steps = 0; isOpen; steps++) {
        if (steps > MAX_SECONDS) throw new Error("not settled");
        await step();
      }
      return promise;
    },
  };
}
