import { describe, expect, test } from "vitest";
import type { TilthError } from "../core/index.ts";
import { AddressGuard, type AddressGuardOptions } from "./address_guard.ts";
import { isRetryable } from "./http_errors.ts";

/** What is said of a URL or an address; null when it is allowed. */
function refusal(check: () => void): TilthError | null {
  try {
    check();
    return null;
  } catch (error) {
    return error as TilthError;
  }
}

const ask = (url: string, options: AddressGuardOptions): TilthError | null =>
  refusal(() => new AddressGuard(options).checkUrl(new URL(url)));

describe("hosts", () => {
  const allowHosts = ["tiles.example.org", "maps.example.org:8443", "*.cdn.example.org", "Bücher.example", "9.9.9.9"];
  test.each([
    "http://tiles.example.org/1/2/3.png",
    "https://tiles.example.org/?key=1",
    "https://TILES.Example.ORG./x",
    "https://tiles.example.org:443/",
    "http://tiles.example.org:80/",
    "http://maps.example.org:8443/",
    "https://a.cdn.example.org/",
    "https://a.b.cdn.example.org/",
    "https://xn--bcher-kva.example/",
    "https://9.9.9.9/",
    "https://0x9090909/",
  ])("%s is allowed", (url) => expect(ask(url, { allowHosts })).toBeNull());

  test.each([
    ["another host", "https://example.org/"],
    ["a host below one that is allowed", "https://a.tiles.example.org/"],
    ["a host that only ends the same", "https://eviltiles.example.org/"],
    ["a host that goes on", "https://tiles.example.org.evil.example/"],
    ["the parent of a wildcard", "https://cdn.example.org/"],
    ["a lookalike of a wildcard", "https://xcdn.example.org/"],
    ["an empty name below a wildcard", "https://.cdn.example.org/"],
    ["another port", "https://tiles.example.org:8443/"],
    ["the other scheme's port", "https://tiles.example.org:80/"],
    ["the default port where another is named", "https://maps.example.org/"],
    ["a port below a wildcard", "https://a.cdn.example.org:8080/"],
    ["a name and password", "https://me:secret@tiles.example.org/"],
    ["a name that looks like the host", "https://tiles.example.org@evil.example/"],
    ["a password alone", "https://:secret@tiles.example.org/"],
    ["two trailing dots", "https://tiles.example.org../"],
    ["another scheme", "ftp://tiles.example.org/"],
    ["a file", "file:///etc/passwd"],
    ["a script", "javascript:alert(1)"],
    ["data", "data:text/plain,x"],
    ["a web socket", "wss://tiles.example.org/"],
  ])("%s is refused", (_what, url) => {
    const error = ask(url, { allowHosts });
    expect(error).toMatchObject({ code: "http.forbidden", fields: { retryable: false } });
    expect(isRetryable(error)).toBe(false);
  });

  test("nothing is allowed when none is named", () => {
    expect(ask("https://example.org/", { allowHosts: [] })?.code).toBe("http.forbidden");
  });

  test("the message says what to do, and shows neither password nor query", () => {
    const other = ask("https://other.example/a?token=hidden", { allowHosts });
    expect(other?.message).toContain("add 'other.example' to it");
    const text = JSON.stringify(
      [other, ask("https://me:hidden@tiles.example.org/?key=hidden", { allowHosts })],
      ["message", "fields", "host"],
    );
    expect(text).not.toContain("hidden");
  });

  test.each([
    "",
    "*",
    "*.",
    "a b",
    "user@host",
    "http://host",
    "host/path",
    "host:99999",
    "*.127.0.0.1",
    "[::1",
    "*.*.x",
  ])("the entry '%s' is none", (entry) =>
    expect(() => new AddressGuard({ allowHosts: [entry] })).toThrow(
      expect.objectContaining({ code: "argument.invalid" }),
    ),
  );

  test.each(["", "10.0.0.0", "10.0.0.0/33", "example.org/8"])("the block '%s' is none", (block) =>
    expect(() => new AddressGuard({ allowHosts: [], allowPrivate: [block] })).toThrow(
      expect.objectContaining({ code: "argument.invalid" }),
    ),
  );
});

// Blocks of the IANA special-purpose address registries; one address of each, and of what wraps them.
const FORBIDDEN: readonly [string, string][] = [
  ["unspecified", "0.0.0.0"],
  ["this network", "0.1.2.3"],
  ["loopback", "127.0.0.1"],
  ["loopback", "127.255.255.254"],
  ["private", "10.0.0.1"],
  ["private", "172.16.0.1"],
  ["private", "172.31.255.255"],
  ["private", "192.168.1.1"],
  ["carrier-grade NAT", "100.64.0.1"],
  ["metadata of Alibaba", "100.100.100.200"],
  ["link-local, metadata", "169.254.169.254"],
  ["protocol assignments, metadata of Oracle", "192.0.0.192"],
  ["wire server of Azure", "168.63.129.16"],
  ["documentation", "192.0.2.1"],
  ["documentation", "198.51.100.1"],
  ["documentation", "203.0.113.1"],
  ["6to4 relays", "192.88.99.1"],
  ["benchmarks", "198.19.255.255"],
  ["multicast", "224.0.0.1"],
  ["multicast", "239.255.255.255"],
  ["reserved", "240.0.0.1"],
  ["broadcast", "255.255.255.255"],
  ["unspecified", "::"],
  ["loopback", "::1"],
  ["IPv4-mapped loopback", "::ffff:127.0.0.1"],
  ["IPv4-mapped private", "::ffff:a00:1"],
  ["IPv4-compatible", "::127.0.0.1"],
  ["IPv4-translated", "::ffff:0:127.0.0.1"],
  ["NAT64 of loopback", "64:ff9b::7f00:1"],
  ["NAT64 of metadata", "64:ff9b::169.254.169.254"],
  ["NAT64 of a local network", "64:ff9b:1::808:808"],
  ["discard only", "100::1"],
  ["Teredo", "2001:0:4136:e378:8000:63bf:3fff:fdd2"],
  ["benchmarks", "2001:2::1"],
  ["documentation", "2001:db8::1"],
  ["6to4 of private", "2002:a00:1::"],
  ["6to4 of public", "2002:808:808::"],
  ["documentation", "3fff::1"],
  ["segment routing", "5f00::1"],
  ["unique local, metadata of AWS", "fd00:ec2::254"],
  ["link-local", "fe80::1"],
  ["link-local with a zone", "fe80::1%eth0"],
  ["site-local", "fec0::1"],
  ["multicast", "ff02::1"],
  ["not given out", "4000::1"],
];
const PUBLIC = ["1.1.1.1", "8.8.8.8", "172.32.0.1", "192.0.1.1", "100.128.0.1", "2606:4700:4700::1111", "2a00:1450::1"];

describe("addresses", () => {
  const guard = new AddressGuard({ allowHosts: [] });
  test.each(FORBIDDEN)("%s %s is refused", (_what, address) => {
    expect(refusal(() => guard.checkAddress(address))).toMatchObject({ code: "http.forbidden" });
  });

  test.each([...PUBLIC, "::ffff:8.8.8.8", "64:ff9b::808:808"])("%s is public", (address) => {
    expect(refusal(() => guard.checkAddress(address))).toBeNull();
  });

  test.each(["", "localhost", "127.1", "0x7f.1", "1.2.3", "::g", "1.1.1.1/32"])("'%s' is no address", (address) => {
    expect(refusal(() => guard.checkAddress(address))?.code).toBe("http.forbidden");
  });

  test("a block can be allowed all the same, and wrapped it is the same block", () => {
    const intranet = new AddressGuard({ allowHosts: [], allowPrivate: ["10.1.0.0/16", "fd00::/8"] });
    for (const address of ["10.1.2.3", "::ffff:10.1.2.3", "fd00::1"])
      expect(refusal(() => intranet.checkAddress(address))).toBeNull();
    for (const address of ["10.2.0.1", "::ffff:10.2.0.1", "fc00::1", "::1"])
      expect(refusal(() => intranet.checkAddress(address))?.code).toBe("http.forbidden");
  });

  test("the message names the host, not the address that it was found to have", () => {
    const error = refusal(() => guard.checkAddress("10.11.12.13", "wiki.intranet"));
    expect(error?.message).toContain("wiki.intranet");
    expect(JSON.stringify([error?.message, error?.fields])).not.toContain("10.11.12.13");
  });
});

// The URL parser makes one address of all these; naming it in allowHosts does not make it public.
test.each([
  "http://127.0.0.1/",
  "http://2130706433/",
  "http://0x7f000001/",
  "http://0177.0.0.1/",
  "http://0x7f.1/",
  "http://127.1/",
  "http://127.0.0.1./",
  "http://%31%32%37.0.0.1/",
  "http://①②⑦.0.0.1/",
  "http://[::1]/",
  "http://[0:0:0:0:0:0:0:1]/",
  "http://[::ffff:127.0.0.1]/",
  "http://[::ffff:7f00:1]/",
  "http://[64:ff9b::7f00:1]/",
  "http://[2002:7f00:1::]/",
  "http://0/",
  "http://169.254.169.254/latest/meta-data/",
  "http://2852039166/",
])("%s is refused even when it is a host that may be asked", (url) => {
  const allowHosts = [new URL(url).hostname];
  expect(ask(url, { allowHosts })).toMatchObject({ code: "http.forbidden", message: /public/ });
});
