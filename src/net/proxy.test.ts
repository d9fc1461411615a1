import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { connect, type AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { isTilthError } from "../core/index.ts";
import { HttpClient } from "./http_client.ts";
import { isRetryable } from "./http_errors.ts";

const fixture = (name: string): string => readFileSync(new URL(`../../test/fixtures/${name}`, import.meta.url), "utf8");
const cert = fixture("localhost.cert.pem");

/** A proxy that asks for a name and password, forwards nothing in the clear and tunnels to any port of this machine. */
class Proxy {
  readonly targets: string[] = [];
  /** Status of its answer to CONNECT. */
  status = 200;
  readonly server: Server = createServer((request, response) => {
    if (this.#refuses(request.headers["proxy-authorization"])) return response.writeHead(407).end();
    this.targets.push(request.url ?? "");
    return response.end("from the proxy");
  }).on("connect", (request, socket) => {
    const status = this.#refuses(request.headers["proxy-authorization"]) ? 407 : this.status;
    if (status !== 200) return socket.end(`HTTP/1.1 ${status} No\r\n\r\n`);
    this.targets.push(request.url ?? "");
    const upstream = connect(Number(request.url?.split(":")[1]), "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      upstream.pipe(socket).pipe(upstream);
    });
    socket.on("error", () => upstream.destroy());
    upstream.on("error", () => socket.destroy());
    return upstream;
  });

  #refuses(given: string | undefined): boolean {
    return given !== `Basic ${Buffer.from("me:secret word").toString("base64")}`;
  }
}

const origin = createServer((_request, response) => response.end("direct"));
const secureOrigin = createTlsServer({ key: fixture("localhost.key.pem"), cert }, (_request, response) =>
  response.end("over TLS"),
);
const portOf = (server: Server): number => (server.address() as AddressInfo).port;
let proxy: Proxy;
let client: HttpClient;

beforeEach(async () => {
  proxy = new Proxy();
  for (const server of [origin, secureOrigin, proxy.server])
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  for (const name of ["HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "no_proxy"]) vi.stubEnv(name, undefined);
  useProxy("me:secret%20word@");
});
afterEach(async () => {
  await client.close();
  vi.unstubAllEnvs();
  for (const server of [origin, secureOrigin, proxy.server]) {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
});

function useProxy(login: string): void {
  for (const name of ["http_proxy", "https_proxy"])
    vi.stubEnv(name, `http://${login}127.0.0.1:${portOf(proxy.server)}`);
  client = new HttpClient({ certificateAuthority: cert });
}

async function fetchText(url: string): Promise<string> {
  return new TextDecoder().decode((await client.request(url)).body);
}

test("is asked with its name and password instead of the origin", async () => {
  expect(await fetchText("http://tiles.invalid/0/0/0")).toBe("from the proxy");
  expect(proxy.targets.join()).toContain("tiles.invalid");
});

test("is not asked for names in NO_PROXY", async () => {
  vi.stubEnv("no_proxy", "127.0.0.1");
  client = new HttpClient();
  expect(await fetchText(`http://127.0.0.1:${portOf(origin)}/`)).toBe("direct");
  expect(proxy.targets).toEqual([]);
});

test("tunnels to an origin over TLS, whose certificate is checked against the client's authority", async () => {
  const url = `https://localhost:${portOf(secureOrigin)}/`;
  expect(await fetchText(url)).toBe("over TLS");
  expect(proxy.targets).toEqual([`localhost:${portOf(secureOrigin)}`]);
  const stranger = new HttpClient();
  await expect(stranger.request(url)).rejects.toMatchObject({ code: "http.connect", fields: { retryable: false } });
  await stranger.close();
});

test.each(["http://tiles.invalid/", "https://tiles.invalid/"])(
  "says for %s that it wants a name and password, and is not asked again",
  async (url) => {
    await client.close();
    useProxy("");
    const error: unknown = await client.request(url).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "http.connect", fields: { proxyStatus: 407 } });
    expect(isRetryable(error)).toBe(false);
  },
);

test("that is overloaded is asked again later, one that forbids is not", async () => {
  for (const [status, again] of [
    [503, true],
    [403, false],
  ] as const) {
    proxy.status = status;
    const error: unknown = await client.request("https://tiles.invalid/").catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "http.connect", fields: { proxyStatus: status } });
    expect(isRetryable(error)).toBe(again);
    expect(JSON.stringify(isTilthError(error) ? error.toJSON() : error)).not.toContain("secret");
  }
});

test.each(["127.0.0.1:3128", "me:hidden@proxy:3128", "socks5://me:hidden@proxy:1080"])(
  "is refused as %s, which is not shown",
  (value) => {
    vi.stubEnv("https_proxy", value);
    expect(() => new HttpClient()).toThrow(/https_proxy to be a URL like http:\/\/proxy.example:3128/);
    expect(() => new HttpClient()).not.toThrow(/hidden/);
  },
);
