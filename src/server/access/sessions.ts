import { randomBytes } from "node:crypto";
import { systemClock, type Clock } from "../../core/index.ts";
import type { Role } from "./tokens.ts";

/** A working day. */
export const SESSION_MS = 12 * 3_600_000;

/** Browsers that are signed in; the one that came first leaves. */
const MAX_SESSIONS = 1000;

/** Who is signed in by a cookie, in memory: a restart of the server asks again. */
export class Sessions {
  readonly #clock: Clock;
  readonly #sessions = new Map<string, { readonly role: Role; readonly endsAtMs: number }>();

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /** @returns the id to be kept in the cookie: 256 random bits */
  begin(role: Role): string {
    const id = randomBytes(32).toString("hex");
    this.#sessions.set(id, { role, endsAtMs: this.#clock.now() + SESSION_MS });
    for (const oldest of this.#sessions.keys()) {
      if (this.#sessions.size <= MAX_SESSIONS) break;
      this.#sessions.delete(oldest);
    }
    return id;
  }

  roleOf(id: string): Role | null {
    const session = this.#sessions.get(id);
    if (session === undefined) return null;
    if (session.endsAtMs > this.#clock.now()) return session.role;
    this.#sessions.delete(id);
    return null;
  }

  end(id: string): void {
    this.#sessions.delete(id);
  }
}
