import ipaddr from "ipaddr.js";

/** Addresses of one prefix. */
export type AddressBlock = readonly [ipaddr.IPv4 | ipaddr.IPv6, number];

/** All that IANA has given out for global unicast (registry 'Internet Protocol Version 6 Address Space'). */
const GLOBAL_IPV6: AddressBlock = ipaddr.parseCIDR("2000::/3");

/** The well-known prefix of NAT64 (RFC 6052): a network without IPv4 reaches every public IPv4 host by it. */
const NAT64: AddressBlock = ipaddr.parseCIDR("64:ff9b::/96");

/** In a public block, yet the platform's own agent with the machine's secrets: Azure's wire server. */
const METADATA: ReadonlySet<string> = new Set(["168.63.129.16"]);

/** @throws TypeError for a text that is no block like `10.0.0.0/8` */
export function parseBlock(text: string): AddressBlock {
  return ipaddr.parseCIDR(text);
}

/** @throws Error for a text that is no address */
export function parseAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 {
  return unwrap(ipaddr.parse(text));
}

/**
 * Why an address is not one of the public internet, in a word or two ('loopback', 'private'); null when it is.
 * Ranges by ipaddr.js (IANA's special-purpose registries, RFC 6890). 6to4 and Teredo are refused whatever they wrap: both are abandoned
 * (RFC 7526), and a relay that still runs leads to any IPv4 address.
 */
export function findPrivateRange(address: ipaddr.IPv4 | ipaddr.IPv6): string | null {
  const range = address.range();
  if (range !== "unicast") return range;
  if (METADATA.has(address.toString())) return "metadata";
  return address.kind() === "ipv4" || isWithin(address, GLOBAL_IPV6) ? null : "reserved";
}

export function isWithin(address: ipaddr.IPv4 | ipaddr.IPv6, [network, bits]: AddressBlock): boolean {
  return address.kind() === network.kind() && address.match(network, bits);
}

/** The IPv4 address that the network in the end asks for: that of `::ffff:127.0.0.1` and of `64:ff9b::7f00:1` is 127.0.0.1. */
function unwrap(address: ipaddr.IPv4 | ipaddr.IPv6): ipaddr.IPv4 | ipaddr.IPv6 {
  if (address instanceof ipaddr.IPv4) return address;
  if (address.isIPv4MappedAddress()) return address.toIPv4Address();
  return isWithin(address, NAT64) ? new ipaddr.IPv4(address.toByteArray().slice(12)) : address;
}
