import { redactUrl, TilthError } from "../../core/index.ts";

/** A whole value that is a name in braces: filled in from the environment or the configuration, so it is no secret itself. */
const NAMED_VALUE = /=(?:\$?\{[\w.:-]+\})(?=[&;#]|$)/g;

/**
 * A job's file and its views must never hold a password or a key.
 * @throws `source.invalid` for user info or a key's value in a URL; the message does not repeat it
 */
export function requireNoSecrets(source: string): void {
  const named = source.replaceAll(NAMED_VALUE, "");
  if (redactUrl(named) === named) return;
  throw new TilthError(
    "source.invalid",
    `expected a source without a password or key, got ${redactUrl(source)}; use a named source, or put the value into an environment variable and its name in braces into the URL`,
  );
}
