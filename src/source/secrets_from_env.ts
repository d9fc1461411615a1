import { TilthError } from "../core/index.ts";

export interface Resolved {
  text: string;
  /** Values that were put in; to be cut out of anything that is shown. */
  secrets: string[];
}

/**
 * Puts environment variables in for `${NAME}`.
 * @throws `source.invalid` naming the variable that is not set
 */
export function fillFromEnvironment(text: string, env: Readonly<Record<string, string | undefined>>): Resolved {
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
    return value;
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
  const fill = (text: string): string => {
    const resolved = fillFromEnvironment(text, env);
    secrets.push(...resolved.secrets);
    return resolved.text;
  };
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {})) headers[name.toLowerCase()] = fill(value);
  if (options.referer !== undefined) headers["referer"] = options.referer;
  return takeUserInfo(fill(url), headers, secrets);
}

/**
 * Access to a URL that a server wrote (TileJSON): nothing of the environment is put in, because it could ask for any variable.
 * The user's headers are sent; what `given`, the user's own URL, held goes only to the same origin.
 */
export function accessAsWritten(url: string, options: AccessOptions, given: Access): Access {
  const { headers } = resolveAccess("", options);
  const sameOrigin = URL.parse(url)?.origin === URL.parse(given.url)?.origin;
  return takeUserInfo(url, sameOrigin ? { ...headers, ...given.headers } : headers, [...given.secrets]);
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
