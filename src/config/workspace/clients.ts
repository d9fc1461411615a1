import { parseRatePerSecond } from "../../core/index.ts";
import { AddressGuard, HttpClient, type HostPolicy } from "../../net/index.ts";
import type { ServeConfig } from "../serve_config.ts";

export interface Clients extends AsyncDisposable {
  /** For sources that whoever runs the program named. */
  readonly trusted: HttpClient;
  /** For URLs that come over the network: only hosts that were allowed, only public addresses. */
  readonly guarded: HttpClient;
  readonly guard: AddressGuard;
}

export interface ClientOptions {
  /** Hosts that URLs from the network may name. */
  readonly allowHosts: readonly string[];
  /** CIDR blocks that are allowed although they are private. */
  readonly allowPrivate?: readonly string[];
  readonly hosts: ServeConfig["hosts"];
}

/** Two clients over one registry: a host's limits and breaker are the same whoever asks. */
export function makeClients({ allowHosts, allowPrivate, hosts }: ClientOptions): Clients {
  const trusted = new HttpClient();
  for (const [host, { concurrency, rate }] of Object.entries(hosts)) {
    const policy: HostPolicy = {
      concurrency,
      ratePerSecond: rate === undefined ? undefined : parseRatePerSecond(rate),
    };
    trusted.hosts.setPolicy(host, policy);
  }
  const guard = new AddressGuard({ allowHosts, allowPrivate });
  const guarded = new HttpClient({ guard, hosts: trusted.hosts });
  return {
    trusted,
    guarded,
    guard,
    [Symbol.asyncDispose]: async () => void (await Promise.all([trusted.close(), guarded.close()])),
  };
}
