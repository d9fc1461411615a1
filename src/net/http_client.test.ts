import { createServer as createTcpServer, type AddressInfo } from "node:net";
import { type ServerResponse } from "node:http";
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, test, vi } from "vitest";
import { CancelledError, TilthError } from "../core/index.ts";
import { FakeClock, flush } from "../../test/support/fake_clock.ts";
import { cutShort, useLoopback, type Loopback } from "../../test/support/loopback.ts";
import { SLOW_WINDOW_MS } from "./exchange.ts";
import type { HttpClient } from "./http_client.ts";
import { defaultUserAgent } from "./user_agent.ts";
import { isRetryable } from "./http_errors.ts";

const kit = useLoopback();
const text = (body: Uint8Array): string => new TextDecoder().decode(body);

async function errorOf(promise: Promise<unknown>): Promise<TilthError> {
  return promise.then(
    () => expect.unreachable("expected an error"),
    (error: unknown) => error as TilthError,
  );
}

/** Waits for something that happens on a socket, not for time. */
async function until(condition: () => boolean): Promise<void> {
  await vi.waitFor(() => expect(condition()).toBe(true), { interval: 2, timeout: 5000 });
}

describe("time limits", () => {
  async function slowOrigin(): Promise<{ origin: Loopback; clock: FakeClock; client: HttpClient }> {
    const clock = new FakeClock();
    return { origin: await kit.origin(), clock, client: kit.client({ clock }) };
  }

  test("an answer that does not begin ends as http.timeout", async () => {
    const { origin, clock, client } = await slowOrigin();
    origin.on("/", () => undefined);
    const failed = errorOf(client.request(origin.url("/"), { headersTimeoutMs: 1000 }));
    await until(() => origin.requests.length === 1);
    await clock.advance(1000);
    expect(clock.pendingTimers).toBe(1);
    await clock.advance(200);
    const error = await failed;
    expect(error).toMatchObject({ code: "http.timeout", fields: { timeoutMs: 1000 } });
    expect(isRetryable(error)).toBe(true);
    await clock.advance(200);
    expect(clock.pendingTimers).toBe(0);
  });

  test("an answer that does not end in time ends as http.timeout, however fast it is", async () => {
    const { origin, clock, client } = await slowOrigin();
    let send = (): boolean => false;
    origin.on("/", (response) => {
      send = () => response.write("x".repeat(10_000));
      send();
    });
    const failed = errorOf(client.request(origin.url("/"), { timeoutMs: 9000 }));
    await until(() => origin.requests.length === 1);
    for (let second = 0; second < 10; second++) {
      send();
      await new Promise((resolve) => setTimeout(resolve, 3));
      await clock.advance(1000);
    }
    expect(await failed).toMatchObject({ code: "http.timeout", fields: { timeoutMs: 9000 } });
  });

  test("a body that trickles below the floor ends as http.slow, one above it does not", async () => {
    const { origin, clock, client } = await slowOrigin();
    const trickle = (bytes: number) => (response: ServerResponse) => {
      response.write("x".repeat(bytes));
    };
    origin.on("/slow", trickle(400)).on("/fair", trickle(501 * 5));
    const limits = { minBytesPerSecond: 100 };
    const slow = errorOf(client.request(origin.url("/slow"), limits));
    const abort = new AbortController();
    const fair = errorOf(client.request(origin.url("/fair"), { ...limits, signal: abort.signal }));
    await until(() => origin.requests.length === 2);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await clock.advance(SLOW_WINDOW_MS + 100);
    expect(await slow).toMatchObject({ code: "http.slow" });
    abort.abort();
    expect(await fair).toBeInstanceOf(CancelledError);
  });
});

describe("caps", () => {
  test("a body is refused by what Content-Length says, and by what comes without it", async () => {
    const origin = await kit.origin();
    origin.on("/said", { headers: { "content-length": "1000" }, body: "x".repeat(1000) });
    origin.on("/unsaid", (response) => {
      for (let i = 0; i < 10; i++) response.write("x".repeat(100));
      response.end();
    });
    for (const path of ["/said", "/unsaid"]) {
      const error = await errorOf(kit.client().request(origin.url(path), { maxBodyBytes: 999 }));
      expect(error).toMatchObject({ code: "http.tooLarge", fields: { maxBodyBytes: 999 } });
      expect(isRetryable(error)).toBe(false);
      const whole = await kit.client().request(origin.url(path), { maxBodyBytes: 1000 });
      expect(whole.body).toHaveLength(1000);
    }
  });

  test("100 MB of zeros in 100 kB of gzip are not unpacked", async () => {
    const origin = await kit.origin();
    const headers = { "content-encoding": "gzip" };
    origin.on("/", { headers, body: gzipSync(Buffer.alloc(100 * 1024 * 1024)) });
    const error = await errorOf(kit.client().request(origin.url("/")));
    expect(error).toMatchObject({ code: "http.tooLarge" });
  });
});

describe("content encoding", () => {
  test.each([
    ["gzip", gzipSync("tile")],
    ["x-gzip", gzipSync("tile")],
    ["GZIP", gzipSync("tile")],
    ["deflate", deflateSync("tile")],
    ["br", brotliCompressSync("tile")],
    ["zstd", zstdCompressSync("tile")],
    ["identity", Buffer.from("tile")],
    ["br, gzip", gzipSync(brotliCompressSync("tile"))],
  ])("%s is undone, and the wire's bytes are kept beside", async (encoding, body) => {
    const origin = await kit.origin();
    origin.on("/", { headers: { "content-encoding": encoding }, body });
    const response = await kit.client().request(origin.url("/"));
    expect(text(response.body)).toBe("tile");
    expect(response.wireBody).toEqual(new Uint8Array(body));
    expect(response.body.buffer.byteLength).toBe(4);
  });

  test("a body that is not what it says is typed and can be retried", async () => {
    const origin = await kit.origin();
    origin.on("/", { headers: { "content-encoding": "gzip" }, body: "plain" });
    expect(await errorOf(kit.client().request(origin.url("/")))).toMatchObject({ code: "http.truncated" });
  });

  test("unknown and stacked encodings are refused", async () => {
    const origin = await kit.origin();
    for (const encoding of ["foo", "gzip, gzip, gzip"]) {
      origin.on("/", { headers: { "content-encoding": encoding }, body: gzipSync("x") });
      expect(await errorOf(kit.client().request(origin.url("/")))).toMatchObject({ code: "http.protocol" });
    }
  });
});

describe("broken connections", () => {
  test("are http.truncated when fewer bytes came than were said, else http.reset", async () => {
    const origin = await kit.origin();
    origin.on("/cut", cutShort("x".repeat(10), 100));
    origin.on("/chunked", (response) => response.write("x", () => response.destroy()));
    origin.on("/nothing", (response) => response.destroy());
    origin.on("/ended", (response) => response.write("x", () => response.socket?.end()));
    const codes = [];
    for (const path of ["/cut", "/chunked", "/nothing", "/ended"]) {
      const headers: Record<string, string> = path === "/ended" ? { connection: "close" } : {};
      const error = await errorOf(kit.client().request(origin.url(path), { headers }));
      expect(isRetryable(error)).toBe(true);
      codes.push(error.code);
    }
    expect(codes).toEqual(["http.truncated", "http.reset", "http.reset", "http.reset"]);
  });

  test("that are refused are http.connect", async () => {
    const origin = await kit.origin();
    const url = origin.url("/");
    await origin.close();
    expect(await errorOf(kit.client().request(url))).toMatchObject({ code: "http.connect" });
  });

  test("with an answer that is no HTTP are http.protocol", async () => {
    const server = createTcpServer((socket) => socket.end("220 smtp.example.com ESMTP\r\n"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    expect(await errorOf(kit.client().request(`http://127.0.0.1:${port}/`))).toMatchObject({ code: "http.protocol" });
    server.close();
  });

  test("of the pool, which the server had closed meanwhile, are replaced without a word", async () => {
    const origin = await kit.origin();
    const sockets = new Set<unknown>();
    origin.on("/first", { body: "1" });
    // The second request on a socket finds it closed: what a server does whose keep-alive time has just run out.
    origin.on("/second", (response) => {
      sockets.add(response.socket);
      if (sockets.size === 1) response.socket?.destroy();
      else response.end("2");
    });
    const client = kit.client();
    await client.request(origin.url("/first"));
    // The pool has its connection back a moment after the answer has ended.
    await flush();
    expect(text((await client.request(origin.url("/second"))).body)).toBe("2");
    expect(origin.paths()).toEqual(["/first", "/second", "/second"]);
  });
});

describe("an abort", () => {
  test("before the request asks nothing", async () => {
    const origin = await kit.origin();
    const request = kit.client().request(origin.url("/"), { signal: AbortSignal.abort() });
    expect(await errorOf(request)).toBeInstanceOf(CancelledError);
    expect(origin.requests).toEqual([]);
  });

  test("in the middle of a body returns at once and closes the connection", async () => {
    const origin = await kit.origin();
    const abort = new AbortController();
    let closed = false;
    origin.on("/", (response) => {
      response.on("close", () => (closed = true));
      response.write("x");
    });
    const failed = errorOf(kit.client().request(origin.url("/"), { signal: abort.signal }));
    await until(() => origin.requests.length === 1);
    abort.abort();
    expect(await failed).toBeInstanceOf(CancelledError);
    await until(() => closed);
  });

  test("leaves no listener on its signal", async () => {
    const origin = await kit.origin();
    origin.on("/", { body: "x" });
    const { signal } = new AbortController();
    const added = vi.spyOn(signal, "addEventListener");
    const removed = vi.spyOn(signal, "removeEventListener");
    const client = kit.client();
    for (let i = 0; i < 5; i++) await client.request(origin.url("/"), { signal });
    expect(added).toHaveBeenCalledTimes(5);
    expect(removed).toHaveBeenCalledTimes(5);
  });
});

describe("headers", () => {
  test("name the program and its contact, and what it can read", async () => {
    const origin = await kit.origin();
    origin.on("/", { body: "x" });
    await kit.client({ userAgent: defaultUserAgent("me@h") }).request(origin.url("/"), { headers: { "x-a": "1" } });
    expect(origin.requests[0]?.headers).toMatchObject({
      "user-agent": expect.stringMatching(/^Tilth\/\S+ \(.*contact: me@h\)$/) as string,
      "accept-encoding": "gzip, deflate, br, zstd",
      "x-a": "1",
    });
  });

  test("of a contact never break the line", () => {
    expect(defaultUserAgent("me\r\nx: y\u00e9 ")).toMatch(/contact: mex: y\)$/);
    expect(defaultUserAgent("")).toMatch(/contact: not given\)$/);
  });

  test("that cannot be sent end the request with a typed error that is not retried, and leave no timer", async () => {
    const origin = await kit.origin();
    const clock = new FakeClock();
    const client = kit.client({ clock });
    const error = await errorOf(client.request(origin.url("/"), { headers: { "x-a": "a\r\nb: c" } }));
    expect(error).toBeInstanceOf(TilthError);
    expect(isRetryable(error)).toBe(false);
    await clock.advance(1000);
    expect(clock.pendingTimers).toBe(0);
    expect(origin.requests).toEqual([]);
  });
});
