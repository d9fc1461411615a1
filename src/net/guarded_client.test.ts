import { readFileSync } from "node:fs";
import { createServer as createTlsServer } from "node:https";
import { createServer, type AddressInfo, type Server } from "node:net";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { useLoopback, type Loopback } from "../../test/support/loopback.ts";
import { AddressGuard } from "./address_guard.ts";
import type { ResolveHost } from "./guarded_agent.ts";
import type { HttpClient } from "./http_client.ts";

const kit = useLoopback();
const fixture = (name: string): string => readFileSync(new URL(`../../test/fixtures/${name}`, import.meta.url), "utf8");

/** Counts who connects; stands for a service inside of the house. */
let inner: Server;
let connections = 0;
let innerPort: number;
/** Stands for a server of the internet: 127.0.0.1 is allowed, 127.0.0.2 and all others are not. */
let outer: Loopback;
let outerPort: string;

beforeEach(async () => {
  connections = 0;
  inner = createServer((socket) => {
    connections += 1;
    socket.on("error", () => undefined);
    socket.end("HTTP/1.1 200 OK\r\ncontent-length: 6\r\nconnection: close\r\n\r\nsecret");
  });
  await new Promise<void>((resolve) => inner.listen(0, resolve));
  innerPort = (inner.address() as AddressInfo).port;
  outer = await kit.origin();
  outerPort = outer.host.split(":")[1] ?? "";
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await new Promise((resolve) => inner.close(resolve));
});

const at = (...addresses: string[]) => addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));

function guarded(resolveHost: ResolveHost, allowPrivate = ["127.0.0.1/32"]): HttpClient {
  const hosts = [
    "127.0.0.1",
    "127.0.0.2",
    "[::1]",
    "[::ffff:127.0.0.2]",
    "tiles.example",
    "inner.example",
    "localhost",
  ];
  const allowHosts = hosts.flatMap((host) => [host, `${host}:${innerPort}`, `${host}:${outerPort}`]);
  return kit.client({ guard: new AddressGuard({ allowHosts, allowPrivate }), resolveHost });
}

const forbidden = expect.objectContaining({ code: "http.forbidden" }) as Error;

describe("a client with a guard", () => {
  test("asks what is allowed, at the address that was checked", async () => {
    outer.on("/a", { body: "tile" });
    const asked: string[] = [];
    const client = guarded(async (name) => {
      asked.push(name);
      return at("127.0.0.1");
    });
    for (let count = 0; count < 3; count++) {
      const { body } = await client.request(`http://tiles.example:${outerPort}/a`);
      expect(new TextDecoder().decode(body)).toBe("tile");
    }
    expect(new Set(asked)).toEqual(new Set(["tiles.example"]));
    expect(outer.requests[0]?.headers.host).toBe(`tiles.example:${outerPort}`);
  });

  test.each([
    ["one private address", ["127.0.0.2"]],
    ["a private address after an allowed one", ["127.0.0.1", "127.0.0.2"]],
    ["an IPv4-mapped private address", ["::ffff:127.0.0.2"]],
    ["IPv6's loopback", ["::1"]],
    ["something that is no address", ["inner"]],
  ])("does not connect to a name that has %s", async (_what, addresses) => {
    const client = guarded(async () => at(...addresses));
    await expect(client.request(`http://inner.example:${innerPort}/`)).rejects.toThrow(forbidden);
    expect(connections).toBe(0);
  });

  test("does not connect to what the system's own resolver finds here", async () => {
    const guard = new AddressGuard({ allowHosts: [`localhost:${innerPort}`] });
    const client = kit.client({ guard });
    await expect(client.request(`http://localhost:${innerPort}/`)).rejects.toThrow(forbidden);
    expect(connections).toBe(0);
  });

  test("does not follow a name that means another machine the next time", async () => {
    const answers = [at("127.0.0.1"), at("127.0.0.2")];
    outer.on("/a", { headers: { connection: "close" }, body: "tile" });
    const client = guarded(async () => answers.shift() ?? []);
    const url = `http://tiles.example:${outerPort}/a`;
    expect((await client.request(url)).status).toBe(200);
    await expect(client.request(url)).rejects.toThrow(forbidden);
    expect(outer.requests).toHaveLength(1);
    expect(answers).toEqual([]);
  });

  test.each([
    (port: number) => `http://127.0.0.2:${port}/`,
    (port: number) => `http://2130706434:${port}/`,
    (port: number) => `http://[::1]:${port}/`,
    (port: number) => `http://[::ffff:127.0.0.2]:${port}/`,
    (port: number) => `http://inner.example:${port}/`,
    (port: number) => `http://elsewhere.example:${port}/`,
    (port: number) => `http://me:word@tiles.example:${port}/`,
  ])("does not follow a redirect into the house (%s)", async (to) => {
    outer.on("/a", { status: 302, headers: { location: to(innerPort) } });
    const client = guarded(async (name) => at(name === "inner.example" ? "127.0.0.2" : "127.0.0.1"));
    await expect(client.request(`http://tiles.example:${outerPort}/a`)).rejects.toThrow(forbidden);
    await expect(client.request(to(innerPort))).rejects.toThrow(forbidden);
    expect(connections).toBe(0);
  });

  test("sends nothing over a connection whose other end is not allowed, whatever let it through", async () => {
    class Blind extends AddressGuard {
      override checkUrl(): void {
        // As if a spelling of the address had been overlooked.
      }
    }
    const client = kit.client({ guard: new Blind({ allowHosts: [] }) });
    await expect(client.request(outer.url("/a"))).rejects.toThrow(forbidden);
    expect(outer.requests).toEqual([]);
  });

  test("uses no proxy of the environment", async () => {
    for (const name of ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"])
      vi.stubEnv(name, `http://127.0.0.1:${innerPort}`);
    outer.on("/a", { body: "direct" });
    const guard = new AddressGuard({ allowHosts: [outer.host], allowPrivate: ["127.0.0.1/32"] });
    const client = kit.client({ guard, proxyFromEnvironment: true });
    expect((await client.request(outer.url("/a"))).status).toBe(200);
    expect(connections).toBe(0);
  });

  test("tells of a name that is not known as any client does", async () => {
    const nowhere = Object.assign(new Error("getaddrinfo ENOTFOUND"), { code: "ENOTFOUND" });
    for (const resolve of [async () => [], () => Promise.reject(nowhere)])
      await expect(guarded(resolve).request("http://tiles.example/")).rejects.toMatchObject({ code: "http.connect" });
  });

  test("checks names of certificates as any client does", async () => {
    const ca = fixture("localhost.cert.pem");
    const server = createTlsServer({ key: fixture("localhost.key.pem"), cert: ca }, (_request, response) =>
      response.end("over TLS"),
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const allowHosts = [`localhost:${port}`, `tiles.example:${port}`];
    const guard = new AddressGuard({ allowHosts, allowPrivate: ["127.0.0.1/32"] });
    const client = kit.client({ guard, certificateAuthority: ca, resolveHost: async () => at("127.0.0.1") });
    try {
      expect((await client.request(`https://localhost:${port}/`)).status).toBe(200);
      await expect(client.request(`https://tiles.example:${port}/`)).rejects.toMatchObject({ code: "http.connect" });
    } finally {
      await client.close();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  test("shares breakers and limits with a trusted client of the process, and a refusal says nothing about a host", async () => {
    const trusted = kit.client({ defaultPolicy: { concurrency: 3 } });
    const guard = new AddressGuard({ allowHosts: [] });
    const client = kit.client({ guard, hosts: trusted.hosts });
    expect(client.hosts).toBe(trusted.hosts);
    const host = trusted.hosts.get(outer.host);
    const error: unknown = await client.request(outer.url("/a")).catch((reason: unknown) => reason);
    for (let count = 0; count < 50; count++) host.finish(host.begin("first"), error);
    expect(host.status).toMatchObject({ breaker: "closed", failures: 0, lastError: null, concurrencyLimit: 3 });
  });
});
