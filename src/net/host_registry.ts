import { systemClock, type Clock } from "../core/index.ts";
import { HostState, type HostPolicy } from "./host_state.ts";

/** Hosts known at a time; a crawl over more starts to forget idle ones. */
const MAX_HOSTS = 1000;

/** One HostState for each host of the process, whoever asks. */
export class HostRegistry {
  readonly #states = new Map<string, HostState>();
  readonly #policies = new Map<string, HostPolicy>();
  readonly #clock: Clock;
  readonly #defaultPolicy: HostPolicy;

  constructor(options: { clock?: Clock; defaultPolicy?: HostPolicy } = {}) {
    this.#clock = options.clock ?? systemClock;
    this.#defaultPolicy = options.defaultPolicy ?? {};
  }

  /** Sets the policy of a host (`name:port`); a state that exists already starts afresh. */
  setPolicy(host: string, policy: HostPolicy): void {
    this.#policies.set(host, policy);
    this.#states.delete(host);
  }

  /** The state of `host` (`name:port` as in `URL.host`), made on first use. */
  get(host: string): HostState {
    const known = this.#states.get(host);
    if (known !== undefined) return known;
    this.#forgetIdle();
    const made = new HostState(host, { ...this.#defaultPolicy, ...this.#policies.get(host) }, this.#clock);
    this.#states.set(host, made);
    return made;
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
