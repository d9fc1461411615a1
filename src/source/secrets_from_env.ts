import { isSecretHeader, redactUrl, TilthError } from "../core/index.ts";
import { withoutSecrets } from "../net/index.ts";

export interface Resolved {
  text: string;
  /** Values that were put in; to be cut out of anything that is shown. */
  secrets: string[];
}

/**
 * Puts environment variables in for `${NAME}`.
 * @param encode how a value is written in the text; it is told as it is in `secrets`
 * @throws `source.invalid` naming the variable that is not set
 */
export function fillFromEnvironment(
  text: string,
  env: Readonly<Record<string, string | undefined>>,
  encode: (value: string) => string = (value) => value,
): Resolved {
  const secrets: string[] = [];
  const filled = text.replace(/\$\{(\w+)\}/g, (_whole, name: string) => {
    const value = env[name];
    if (value === undefined || value === "") {
      throw new TilthError(
        "source.invalid",
        `expected a key in the environment variable ${name}, got none; set it and try again`,
        {
          fields: { variable: name },
        },
      );
    }
    secrets.push(value);
    return encode(value);
  });
  return { text: filled, secrets };
}

export interface AccessOptions {
  headers?: Readonly<Record<string, string>>;
  referer?: string;
  env?: Readonly<Record<string, string | undefined>>;
}

export interface Access {
  /** With keys put in and without user info: as it is sent. */
  url: string;
  headers: Record<string, string>;
  secrets: string[];
}

/** What is really sent for a URL as a person wrote it: `${NAME}` filled, `user:password@` turned into a Basic header. */
export function resolveAccess(url: string, options: AccessOptions): Access {
  const env = options.env ?? process.env;
  const secrets: string[] = [];
  const fill = (text: string, encode?: (value: string) => string): string => {
    const resolved = fillFromEnvironment(text, env, encode);
    secrets.push(...resolved.secrets);
    return resolved.text;
  };
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {})) headers[name.toLowerCase()] = fill(value);
  if (options.referer !== undefined) headers["referer"] = options.referer;
  // Encoded, or a key with an ampersand, a slash or a space would end where it should not.
  const filled = fill(url, (value) => encodeURIComponent(value.toWellFormed()));
  secrets.push(...plainSecrets(filled, headers));
  return takeUserInfo(filled, headers, secrets);
}

/** Shorter ones may be common words, which would be cut out of every message. */
const MIN_PLAIN_SECRET_LENGTH = 8;

/** Keys that the user wrote out: the names of their parameter or header tell them. A server may repeat them in a page. */
function plainSecrets(url: string, headers: Readonly<Record<string, string>>): string[] {
  const inQuery = url
    .split(/[?&#]/)
    .slice(1)
    .filter((pair) => redactUrl(`?${pair}`) !== `?${pair}`)
    .map((pair) => pair.slice(pair.indexOf("=") + 1));
  const inHeaders = Object.entries(headers).flatMap(([name, value]) => (isSecretHeader(name) ? [value] : []));
  return [...inQuery, ...inHeaders].filter((value) => value.length >= MIN_PLAIN_SECRET_LENGTH);
}

/** Access to a URL of which it is not known who wrote it: only `user:password@` is taken out, no variable is put in. */
export function plainAccess(url: string, given: Readonly<Record<string, string>> = {}): Access {
  const headers = Object.fromEntries(Object.entries(given).map(([name, value]) => [name.toLowerCase(), value]));
  return takeUserInfo(url, headers, plainSecrets(url, headers));
}

/**
 * Access to a URL that a server wrote (TileJSON): nothing of the environment is put in, because it could ask for any variable.
 * What `given`, the access to that server, holds of secrets goes only to its own origin, as with a redirect; a file has none (`url` is empty).
 */
export function accessAsWritten(url: string, options: AccessOptions, given: Access): Access {
  const { headers } = resolveAccess("", options);
  const trusted = given.url === "" || URL.parse(url)?.origin === URL.parse(given.url)?.origin;
  const sent = trusted ? { ...headers, ...given.headers } : withoutSecrets(headers, given.secrets);
  return takeUserInfo(url, sent, [...given.secrets]);
}

function takeUserInfo(url: string, headers: Record<string, string>, secrets: string[]): Access {
  const match = /^(https?:\/\/)([^/?#@]*)@(.*)$/is.exec(url);
  if (match === null) return { url, headers, secrets };
  const credentials = decodeUserInfo(match[2] ?? "");
  headers["authorization"] ??= `Basic ${Buffer.from(credentials).toString("base64")}`;
  secrets.push(credentials, credentials.slice(credentials.indexOf(":") + 1), headers["authorization"]);
  return { url: `${match[1]}${match[3]}`, headers, secrets };
}

/** A broken percent code is part of the password. */
function decodeUserInfo(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
