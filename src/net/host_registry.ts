import { systemClock, type Clock } from "../core/index.ts";
import type { HostShare } from "./host_share.ts";
import { DEFAULT_MAX_CONCURRENCY, HostState, type HostPolicy } from "./host_state.ts";

/** Hosts known at a time; a crawl over more starts to forget idle ones. */
const MAX_HOSTS = 1000;

/** How hard a host may be pressed at the most. */
export interface HostPace {
  /** Requests at a time. */
  readonly maxConcurrency: number;
  readonly ratePerSecond: number;
}

export interface HostRegistryOptions {
  clock?: Clock;
  defaultPolicy?: HostPolicy;
  /** Makes the share of a host (`name:port`) that other processes ask as well; called once for each state. @default every host is this process's own */
  shareHost?: (host: string, policy: HostPolicy) => HostShare;
  /** Requests at a time that this process makes to any host, whatever its policy allows; nobody else is bounded by it. */
  ownConcurrency?: number;
}

/** One HostState for each host of the process, whoever asks. */
export class HostRegistry {
  readonly #states = new Map<string, HostState>();
  readonly #policies = new Map<string, HostPolicy>();
  readonly #clock: Clock;
  readonly #defaultPolicy: HostPolicy;
  readonly #shareHost: HostRegistryOptions["shareHost"];
  readonly #ownConcurrency: number;

  constructor(options: HostRegistryOptions = {}) {
    this.#shareHost = options.shareHost;
    this.#ownConcurrency = options.ownConcurrency ?? Infinity;
    this.#clock = options.clock ?? systemClock;
    this.#defaultPolicy = options.defaultPolicy ?? {};
  }

  /** Sets the policy of a host (`name:port`); a state that exists already starts afresh. */
  setPolicy(host: string, policy: HostPolicy): void {
    this.#policies.set(host, policy);
    this.#states.delete(host);
  }

  /** Sets bounds that the policy of a host must not pass; a policy that is gentler already stays as it is, and so does its state. */
  limit(host: string, pace: HostPace): void {
    const policy = { ...this.#defaultPolicy, ...this.#policies.get(host) };
    const { concurrency = "auto", maxConcurrency = DEFAULT_MAX_CONCURRENCY, ratePerSecond = Infinity } = policy;
    const fixed = concurrency === "auto" ? concurrency : Math.min(concurrency, pace.maxConcurrency);
    const most = Math.min(maxConcurrency, pace.maxConcurrency);
    const rate = Math.min(ratePerSecond, pace.ratePerSecond);
    if (fixed === concurrency && (fixed !== "auto" || most === maxConcurrency) && rate === ratePerSecond) return;
    this.setPolicy(host, { ...policy, concurrency: fixed, maxConcurrency: most, ratePerSecond: rate });
  }

  /** The state of `host` (`name:port` as in `URL.host`), made on first use. */
  get(host: string): HostState {
    const known = this.#states.get(host);
    if (known !== undefined) return known;
    this.#forgetIdle();
    const policy = { ...this.#defaultPolicy, ...this.#policies.get(host) };
    // The share hears what the host bears, not what this process does with it.
    const own = withConcurrency(policy, this.#ownConcurrency);
    const made = new HostState(host, own, this.#clock, this.#shareHost?.(host, policy));
    this.#states.set(host, made);
    return made;
  }

  /** As `get`, without making one. */
  find(host: string): HostState | null {
    return this.#states.get(host) ?? null;
  }

  list(): readonly HostState[] {
    return [...this.#states.values()];
  }

  #forgetIdle(): void {
    if (this.#states.size < MAX_HOSTS) return;
    for (const [host, state] of this.#states) {
      if (state.status.inFlight === 0) {
        this.#states.delete(host);
        return;
      }
    }
  }
}

function withConcurrency(policy: HostPolicy, most: number): HostPolicy {
  if (most === Infinity) return policy;
  const { concurrency = "auto", maxConcurrency = DEFAULT_MAX_CONCURRENCY } = policy;
  const fixed = concurrency === "auto" ? concurrency : Math.min(concurrency, most);
  return { ...policy, concurrency: fixed, maxConcurrency: Math.min(maxConcurrency, most) };
}
