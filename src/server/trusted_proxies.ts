import { isIP } from "node:net";
import { TilthError } from "../core/index.ts";

/** Blocks that have a name of their own: 127.0.0.0/8 and ::1; 169.254.0.0/16 and fe80::/10; the private blocks of RFC 1918 and fc00::/7. */
const NAMED: ReadonlySet<string> = new Set(["loopback", "linklocal", "uniquelocal"]);

/**
 * The proxies that are believed, as Fastify takes them; false for none.
 * @throws `argument.invalid` for what is neither an address, a block nor a name of one
 */
export function requireProxies(proxies: readonly string[]): string[] | false {
  for (const proxy of proxies)
    if (!NAMED.has(proxy) && !isBlock(proxy))
      throw new TilthError(
        "argument.invalid",
        `expected the address of a proxy, a block like 10.0.0.0/8, or ${[...NAMED].join(", ")}, got '${proxy.slice(0, 100)}'`,
      );
  return proxies.length === 0 ? false : [...proxies];
}

function isBlock(text: string): boolean {
  const [address = "", bits, ...rest] = text.split("/");
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  // Everybody is nobody in particular: whoever reaches the port could say what he likes.
  return (
    bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) >= 1 && Number(bits) <= (version === 4 ? 32 : 128))
  );
}
