import { isSecretHeader, redactUrl, TilthError } from "../core/index.ts";

/**
 * Refuses keys and passwords that are written out: what is kept in a file says `${NAME}`, and the environment holds the value.
 * @throws `argument.invalid`
 */
export function requireNoPlainSecrets(source: string, headers: Readonly<Record<string, string>> = {}): void {
  // What stands in variables is no secret any more: whole parameters, and user info that is made of them.
  const rest = source
    .replace(/^(https?:\/\/)(?:\$\{\w+\}|:)*@/i, "$1")
    .replace(/([?&])[^=&#]*=\$\{\w+\}(?=&|#|$)/g, "$1");
  const inHeader = Object.entries(headers).find(
    ([name, value]) => isSecretHeader(name) && !/^(?:\w+ )?\$\{\w+\}$/.test(value),
  );
  if (redactUrl(rest) === rest && inHeader === undefined) return;
  const where = inHeader === undefined ? "the URL" : `the header ${inHeader[0]}`;
  throw new TilthError(
    "argument.invalid",
    `expected no key or password written out in ${where}: put it into an environment variable and write \${NAME} in its place, in single quotes`,
  );
}

/** Refuses the address of a database with a password in it. @throws `argument.invalid` */
export function requireNoPassword(url: string): void {
  if (!URL.canParse(url) || new URL(url).password === "") return;
  throw new TilthError(
    "argument.invalid",
    "expected no password written out in the address of a database: leave it out and put it into the environment variable PGPASSWORD",
  );
}
