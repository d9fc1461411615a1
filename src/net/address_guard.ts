import { isIP } from "node:net";
import { TilthError } from "../core/index.ts";
import { findPrivateRange, isWithin, parseAddress, parseBlock, type AddressBlock } from "./public_address.ts";

export interface AddressGuardOptions {
  /**
   * Hosts that may be asked, nothing else: `tiles.example.org`, `tiles.example.org:8443` (that port, and no other unless it is named too) or
   * `*.example.org` (every name below it, not itself). An address is written as in a URL: `192.0.2.1`, `[2001:db8::1]`.
   */
  allowHosts: readonly string[];
  /** Blocks of addresses (`10.0.0.0/8`, `fd00::/8`) that are allowed although they are not public: an intranet, a test. @default none */
  allowPrivate?: readonly string[];
}

interface HostRule {
  /** Canonical; of a wildcard what follows the star, with its dot. */
  readonly name: string;
  readonly isWildcard: boolean;
  /** null: the default port of the scheme. */
  readonly port: string | null;
}

/**
 * Keeps requests that a stranger may cause within named hosts of the public internet (server-side request forgery, CWE-918).
 * Names say too little, for anyone can point one at 127.0.0.1: a client with a guard checks each URL before it is asked, and each address
 * before it is connected to.
 */
export class AddressGuard {
  readonly #rules: readonly HostRule[];
  readonly #allowPrivate: readonly AddressBlock[];

  /** @throws `argument.invalid` */
  constructor({ allowHosts, allowPrivate = [] }: AddressGuardOptions) {
    this.#rules = allowHosts.map(parseRule);
    this.#allowPrivate = allowPrivate.map(parsePrivate);
  }

  /** @throws `http.forbidden`; its message shows neither user info nor query */
  checkUrl(url: URL): void {
    const { protocol, host } = url;
    if (protocol !== "http:" && protocol !== "https:")
      throw forbidden(host, `expected a URL with http or https, got the scheme '${protocol.slice(0, -1)}'`);
    if (url.username !== "" || url.password !== "")
      throw forbidden(host, `expected a URL of ${host} without a name and password in it`);
    if (!this.#allows(url))
      throw forbidden(
        host,
        `expected a host of \`allowHosts\`, got ${host}; add '${host}' to it, or ask who runs this`,
      );
    const literal = literalOf(url.hostname);
    if (isIP(literal) !== 0) this.checkAddress(literal, host);
  }

  /**
   * @param address IPv4 or IPv6, as a resolver or a socket gives it
   * @param host whom it was found for; shown in the message instead of the address, for what names of an intranet mean is nobody's business
   * @throws `http.forbidden` unless it is public, or within `allowPrivate`
   */
  checkAddress(address: string, host: string = address): void {
    if (isIP(address) === 0) throw forbidden(host, `expected ${host} to have an IP address, got something else`);
    const parsed = parseAddress(address);
    const range = findPrivateRange(parsed);
    if (range === null || this.#allowPrivate.some((block) => isWithin(parsed, block))) return;
    const message = `expected ${host} to have public addresses only, got one that is not (${range}); whoever runs this may add its block to \`allowPrivate\``;
    throw forbidden(host, message);
  }

  #allows({ protocol, hostname, port }: URL): boolean {
    const name = canonical(hostname);
    const defaultPort = protocol === "https:" ? "443" : "80";
    return this.#rules.some(
      (rule) =>
        (rule.isWildcard ? name.endsWith(rule.name) && name.length > rule.name.length : name === rule.name) &&
        (port === "" ? (rule.port ?? defaultPort) === defaultPort : rule.port === port),
    );
  }
}

/** Longest entry that is looked at, characters: a name has 253, a port 6. */
const MAX_ENTRY_LENGTH = 300;

/** Goes through the URL parser, so that both sides are lower case and punycode, and addresses have one spelling. */
function parseRule(entry: string): HostRule {
  const isWildcard = entry.startsWith("*.");
  const text = isWildcard ? entry.slice(2) : entry;
  const plain = text.length <= MAX_ENTRY_LENGTH && !/[\s/\\?#@*%]/.test(text);
  const url = plain ? URL.parse(`http://${text}/`) : null;
  const name = url === null ? "" : canonical(url.hostname);
  if (name === "" || (isWildcard && isIP(literalOf(name)) !== 0)) throw badEntry("allowHosts", entry, ALLOW_HOSTS_FORM);
  const port = /:(\d+)$/.exec(text)?.[1];
  return { name: isWildcard ? `.${name}` : name, isWildcard, port: port === undefined ? null : String(Number(port)) };
}

const ALLOW_HOSTS_FORM = "a host ('example.org'), host and port ('example.org:8443') or '*.example.org'";

function parsePrivate(text: string): AddressBlock {
  try {
    return parseBlock(text);
  } catch (cause) {
    throw badEntry("allowPrivate", text, "a block of addresses like '10.0.0.0/8' or 'fd00::/8'", cause);
  }
}

function badEntry(option: string, entry: string, expected: string, cause?: unknown): TilthError {
  const shown = entry.slice(0, MAX_ENTRY_LENGTH);
  return new TilthError("argument.invalid", `expected in \`${option}\` ${expected}, got '${shown}'`, { cause });
}

/** `example.org.` is `example.org`. */
function canonical(hostname: string): string {
  return hostname.endsWith(".") ? hostname.slice(0, -1) : hostname;
}

/** An IPv6 address without the brackets that it has in a URL. */
function literalOf(hostname: string): string {
  const name = canonical(hostname);
  return name.startsWith("[") ? name.slice(1, -1) : name;
}

function forbidden(host: string, message: string): TilthError {
  return new TilthError("http.forbidden", message, { fields: { host, retryable: false } });
}
