import { TilthError, type Clock } from "../../core/index.ts";

export interface TokenTriesOptions {
  /** Of one address. */
  readonly perMinute: number;
  readonly clock: Clock;
}

const MINUTE_MS = 60_000;
/** Addresses that are remembered; the one that was counted first leaves. */
const MAX_ADDRESSES = 10_000;

/** Counts wrong tokens, so that nobody can try many. A right one is taken at any time: who shares an address with a guesser is not locked out. */
export class TokenTries {
  readonly #options: TokenTriesOptions;
  readonly #tries = new Map<string, { count: number; untilMs: number }>();

  constructor(options: TokenTriesOptions) {
    this.#options = options;
  }

  /** @throws `request.tooMany` */
  count(address: string): void {
    const { clock, perMinute } = this.#options;
    const nowMs = clock.monotonicMs();
    const known = this.#tries.get(address);
    const current = known !== undefined && known.untilMs > nowMs ? known : { count: 0, untilMs: nowMs + MINUTE_MS };
    current.count += 1;
    this.#tries.delete(address);
    this.#tries.set(address, current);
    if (this.#tries.size > MAX_ADDRESSES) this.#tries.delete(this.#tries.keys().next().value ?? "");
    if (current.count <= perMinute) return;
    const message = `expected at most ${perMinute} wrong tokens in a minute; check the token and wait a minute`;
    throw new TilthError("request.tooMany", message);
  }
}
