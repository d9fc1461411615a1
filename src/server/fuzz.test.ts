import { connect } from "node:net";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createApp } from "./app.ts";
import { memoryCache } from "./fixtures/memory_cache.ts";
import { CacheRegistry } from "./served_cache.ts";

let registry: CacheRegistry;
let app: Awaited<ReturnType<typeof createApp>>;

beforeEach(async () => {
  registry = new CacheRegistry();
  registry.put(await memoryCache("world", { z: 0, x: 0, y: 0 }, Buffer.from("tile")));
  app = await createApp({ registry });
});

afterEach(async () => {
  await app.close();
  await registry.close();
});

const word = fc.oneof(
  fc.constantFrom("tiles", "world", "wmts", "rest", "ogc", "collections", "map", "tilejson", "1.0.0", "default", "tms"),
  fc.constantFrom("0", "1", "-1", "99999999999", "1e3", "0x1", "NaN", "WebMercatorQuad", "world.json", "0.png", ".."),
  fc.constantFrom("%2e%2e", "%00", "%ff", "%", "{z}", "*", ":cache", "__proto__", "constructor", "a;b", "'\"<>"),
  fc.string({ maxLength: 30, unit: "binary" }),
);
const query = fc.oneof(
  fc.constantFrom(
    "SERVICE=WMTS",
    "REQUEST=GetTile",
    "request=GetCapabilities",
    "LAYER=world",
    "TILEROW=0",
    "__proto__=1",
  ),
  fc.tuple(fc.string({ maxLength: 12 }), fc.string({ maxLength: 40 })).map(([name, value]) => `${name}=${value}`),
);
const header = fc.tuple(
  fc.constantFrom(
    "host",
    "if-none-match",
    "if-modified-since",
    "accept-encoding",
    "content-type",
    "range",
    "x-forwarded-for",
  ),
  fc.string({ maxLength: 60 }).map((text) => text.replace(/[^\u0020-\u007e]/g, "")),
);

test("10,000 odd requests get an answer below 500", async () => {
  const request = fc.record({
    method: fc.constantFrom("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"),
    path: fc.array(word, { maxLength: 8 }),
    queries: fc.array(query, { maxLength: 8 }),
    headers: fc.array(header, { maxLength: 4 }),
    body: fc.option(fc.string({ maxLength: 200 }), { nil: undefined }),
  });
  await fc.assert(
    fc.asyncProperty(request, async ({ method, path, queries, headers, body }) => {
      const url = `/${path.join("/")}${queries.length > 0 ? `?${queries.join("&")}` : ""}`;
      const answer = await app
        .inject({ method: method as "GET", url, headers: Object.fromEntries(headers), body })
        // What is no URL at all is refused by the one who asks.
        .catch((error: unknown) => {
          if ((error as { code?: string }).code === "ERR_INVALID_URL") return { statusCode: 400 };
          throw error;
        });
      expect([url, answer.statusCode < 500]).toEqual([url, true]);
    }),
    { numRuns: 10_000 },
  );
  expect((await app.inject("/tiles/world/0/0/0")).body).toBe("tile");
}, 120_000);

/** Sends bytes that need not be HTTP and waits for the end of the connection, or for a moment. */
async function sendRaw(port: number, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = "";
    const socket = connect(port, "127.0.0.1", () => socket.end(bytes, "latin1"));
    socket.on("data", (chunk) => (answer += chunk.toString("latin1")));
    socket.on("error", () => resolve(answer));
    socket.on("close", () => resolve(answer));
  });
}

test("bytes that are no HTTP, or far too much of it, do not bring it down", async () => {
  await app.listen({ host: "127.0.0.1", port: 0 });
  const { port } = app.server.address() as { port: number };
  const odd = [
    "",
    "\r\n\r\n",
    "GET\r\n\r\n",
    "GET / HTTP/9.9\r\n\r\n",
    "GET / HTTP/1.1\r\n\r\n",
    "GET /tiles/world/0/0/0 HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    `GET /${"a".repeat(100_000)} HTTP/1.1\r\nHost: a\r\n\r\n`,
    `GET / HTTP/1.1\r\nHost: a\r\nX: ${"b".repeat(100_000)}\r\n\r\n`,
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\nx",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nabc",
    "\u0016\u0003\u0001\u0000\u00a5\u0001\u0000",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  ];
  for (const bytes of odd) expect(await sendRaw(port, bytes)).not.toMatch(/^HTTP\/1\.1 5/);
  const answer = await fetch(`http://127.0.0.1:${port}/tiles/world/0/0/0`);
  expect(await answer.text()).toBe("tile");
});
