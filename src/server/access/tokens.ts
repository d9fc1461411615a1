import { createHash, timingSafeEqual } from "node:crypto";
import { TilthError } from "../../core/index.ts";

/** `reader`: whatever only looks; `operator`: everything. */
export type Role = "reader" | "operator";

export interface TokenOptions {
  operator: string;
  /** For people who only look. */
  reader?: string | null;
}

/** A token that can be guessed guards nothing: 16 letters and digits are some 95 bits. */
const MIN_TOKEN_CHARS = 16;

/** Who a token speaks for; takes the same time for any token that is given. */
export class Tokens {
  readonly #digests: readonly { readonly role: Role; readonly digest: Buffer }[];

  /** @throws `argument.invalid` for a token that is short, or two that are the same */
  constructor({ operator, reader = null }: TokenOptions) {
    const tokens: [Role, string][] = [
      ["operator", operator],
      ...(reader === null ? [] : [["reader", reader] as [Role, string]]),
    ];
    for (const [role, token] of tokens)
      if (token.length < MIN_TOKEN_CHARS)
        throw new TilthError(
          "argument.invalid",
          `expected a token of at least ${MIN_TOKEN_CHARS} characters for the ${role}, got ${token.length}; make one with: openssl rand -hex 24`,
        );
    if (operator === reader)
      throw new TilthError("argument.invalid", "expected different tokens for operator and reader, got the same");
    this.#digests = tokens.map(([role, token]) => ({ role, digest: digestOf(token) }));
  }

  /** Null for a token that nobody has. */
  roleOf(token: string): Role | null {
    const given = digestOf(token);
    let found: Role | null = null;
    // All are compared, whichever fits; digests have one length.
    for (const { role, digest } of this.#digests) if (timingSafeEqual(digest, given)) found ??= role;
    return found;
  }
}

function digestOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
