import { isIPv6 } from "node:net";
import { queryValue } from "../query.ts";
import { withoutSecrets } from "../../net/index.ts";
import { accessAsWritten, type Access } from "../secrets_from_env.ts";

/** Where a description came from. */
export interface ServicePlace {
  /** With all headers that are sent there; of a file `url` is empty, and the headers are those that the user gave. */
  readonly access: Access;
}

/** Parameters of the description's own request; others (a key, `map=`) belong to the service and go along. */
const OWN_PARAMETERS =
  /^(?:service|request|version|acceptversions|acceptformats|sections|updatesequence|format|f|layers?|styles?|tilematrixset|tilematrix|tilerow|tilecol|crs|srs|bbox|width|height|transparent)$/i;

/**
 * Access to a URL of a description. Nothing of the environment is put into it, and what the user gave of secrets goes to the user's origin only.
 * A service behind a proxy advertises what it believes to be: its own host by another scheme or port, or a host that only it can reach. Both
 * mean the user's origin. Any other host is asked as it is written, without the user's secrets.
 */
export function accessOfLink(url: string, { access }: ServicePlace): Access {
  if (access.url === "") return asWritten(url, access);
  const [here, there] = [URL.parse(access.url), URL.parse(url.replace(/\{[^{}]*\}/g, "0"))];
  if (here === null || there === null) return asWritten(url, access);
  // With a port in the user's URL another one is another service: development machines have many.
  const sameHost = here.hostname === there.hostname && (here.protocol !== there.protocol || here.port === "");
  const own = here.origin === there.origin || sameHost;
  const unreachable = isInsideHost(there.hostname) && !isInsideHost(here.hostname);
  if (!own && !unreachable) return asWritten(url, access);
  const moved = url.replace(/^https?:\/\/[^/?#]*/i, here.origin);
  return asWritten(withOwnParameters(moved, access.url), access);
}

/** Only the headers of the place count: where a document of another host was followed, the user's secrets were left behind already. */
function asWritten(url: string, access: Access): Access {
  return accessAsWritten(url, { headers: withoutSecrets(access.headers, access.secrets) }, access);
}

/** Hosts that a service far away cannot mean: loopback, link-local and private addresses (RFC 1918, 4193), and names without a dot. */
export function isInsideHost(hostname: string): boolean {
  const host = hostname
    .toLowerCase()
    .replace(/^\[|\]$/g, "")
    .replace(/\.$/, "");
  if (isIPv6(host)) return /^(?:::1?$|f[cd]|fe[89ab]|::ffff:)/.test(host);
  if (/^(?:127|10|0)\.|^192\.168\.|^169\.254\.|^172\.(?:1[6-9]|2\d|3[01])\./.test(host)) return /^[\d.]+$/.test(host);
  return !host.includes(".") || /\.(?:local|internal|localhost|lan|intranet)$/.test(host);
}

function withOwnParameters(url: string, given: string): string {
  const pairs = given.split("#")[0]?.split("?").slice(1).join("?").split("&") ?? [];
  const kept = pairs.filter((pair) => {
    const name = pair.split("=")[0] ?? "";
    return name !== "" && !OWN_PARAMETERS.test(name) && queryValue(url, name) === null;
  });
  if (kept.length === 0) return url;
  const separator = !url.includes("?") ? "?" : /[?&]$/.test(url) ? "" : "&";
  return `${url}${separator}${kept.join("&")}`;
}
