import { describe, expect, test, vi } from "vitest";
import { CancelledError, TilthError } from "../core/index.ts";
import { cutShort, useLoopback } from "../../test/support/loopback.ts";
import { pngTile } from "../../test/support/tile_bytes.ts";
import { downloadTile, downloadTileSafe } from "./download_tile.ts";

const kit = useLoopback();
const png = pngTile();
/** Backoffs too short to wait for. */
const retry = { baseMs: 0.01 };

describe("downloadTile", () => {
  test("gives the bytes of a whole tile", async () => {
    const origin = await kit.origin();
    origin.on("/t", { body: png });
    const headers = { referer: "http://me/" };
    expect(await downloadTile(origin.url("/t"), { client: kit.client(), headers })).toEqual(png);
    expect(origin.requests[0]?.headers["referer"]).toBe("http://me/");
  });

  test("tries again what can succeed again, until it does", async () => {
    const origin = await kit.origin();
    const broken = [{ status: 500 }, { body: "<html>" }, { body: "" }, cutShort("x", 9), { body: png.subarray(0, 40) }];
    origin.on("/t", ...broken, { body: png });
    expect(await downloadTile(origin.url("/t"), { client: kit.client(), retry })).toEqual(png);
    expect(origin.requests).toHaveLength(6);
  });

  test("gives up after as many retries as asked, with the last error", async () => {
    const origin = await kit.origin();
    origin.on("/t", { status: 500 }, { status: 500 }, { status: 502 });
    const download = downloadTile(origin.url("/t"), { client: kit.client(), retry: { ...retry, maxRetries: 2 } });
    await expect(download).rejects.toMatchObject({ code: "http.status", fields: { status: 502 } });
    expect(origin.requests).toHaveLength(3);
  });

  test("asks once for what will not come", async () => {
    const origin = await kit.origin();
    const client = kit.client();
    origin.on("/forbidden", { status: 403 }).on("/missing", { status: 404 }).on("/none", { status: 204 });
    await expect(downloadTile(origin.url("/forbidden"), { client })).rejects.toMatchObject({ code: "http.status" });
    await expect(downloadTile(origin.url("/missing"), { client })).rejects.toMatchObject({ code: "tile.missing" });
    await expect(downloadTile(origin.url("/none"), { client })).rejects.toMatchObject({ code: "tile.missing" });
    expect(origin.paths()).toEqual(["/forbidden", "/missing", "/none"]);
  });

  test("waits as long as Retry-After says, for the whole host", async () => {
    const origin = await kit.origin();
    origin.on("/a", { status: 429, headers: { "retry-after": "0.05" } }, { body: png }).on("/b", { body: png });
    const client = kit.client();
    const startedMs = performance.now();
    await downloadTile(origin.url("/a"), { client, retry });
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(49);
    expect(client.hosts.get(origin.host).status).toMatchObject({ throttled: 1, requests: 2 });
  });

  test.each([
    [undefined, { inFlightLive: 1, inFlightBatch: 0 }],
    ["batch" as const, { inFlightLive: 0, inFlightBatch: 1 }],
  ])("asks as %s, live when nothing is said", async (priority, expected) => {
    const origin = await kit.origin();
    const client = kit.client();
    const seen: unknown[] = [];
    origin.on("/a", (response) => {
      seen.push(client.hosts.get(origin.host).status);
      response.end(png);
    });
    await downloadTile(origin.url("/a"), { client, priority });
    expect(seen).toMatchObject([expected]);
  });

  test("ends at once when aborted: before, during a hanging answer, and during a wait", async () => {
    const origin = await kit.origin();
    const client = kit.client();
    await expect(downloadTile(origin.url("/never"), { client, signal: AbortSignal.abort() })).rejects.toBeInstanceOf(
      CancelledError,
    );

    const hanging = new AbortController();
    origin.on("/hang", () => hanging.abort());
    await expect(downloadTile(origin.url("/hang"), { client, signal: hanging.signal })).rejects.toBeInstanceOf(
      CancelledError,
    );

    const waiting = new AbortController();
    origin.on("/wait", (response) => {
      response.writeHead(503, { "retry-after": "600" }).end();
      setTimeout(() => waiting.abort(), 20);
    });
    await expect(downloadTile(origin.url("/wait"), { client, signal: waiting.signal })).rejects.toBeInstanceOf(
      CancelledError,
    );
    expect(origin.paths()).toEqual(["/hang", "/wait"]);
  });

  test.each(["", "nonsense", "ftp://h/x", "file:///etc/passwd"])("refuses '%s' as no URL of a tile", async (url) => {
    await expect(downloadTile(url, { client: kit.client() })).rejects.toBeInstanceOf(TilthError);
  });
});

describe("downloadTileSafe", () => {
  test("says success with the bytes", async () => {
    const origin = await kit.origin();
    origin.on("/t", { body: png });
    const onError = vi.fn<(error: TilthError) => void>();
    expect(await downloadTileSafe(origin.url("/t"), { client: kit.client(), onError })).toEqual({
      success: true,
      data: png,
      error: null,
    });
    expect(onError).not.toHaveBeenCalled();
  });

  test("gives the error back and tells it once", async () => {
    const origin = await kit.origin();
    origin.on("/t", { status: 410 });
    const onError = vi.fn<(error: TilthError) => void>();
    const answer = await downloadTileSafe(origin.url("/t"), { client: kit.client(), onError });
    expect(answer).toMatchObject({ success: false, data: null, error: { code: "tile.missing" } });
    expect(onError.mock.calls).toEqual([[answer.error]]);
  });

  test("does not throw even when its callback does", async () => {
    const onError = (): never => {
      throw new Error("bug of the caller");
    };
    expect(await downloadTileSafe("nonsense", { onError })).toMatchObject({ success: false });
  });

  test("does not throw for headers that cannot be sent", async () => {
    const origin = await kit.origin();
    const headers = { "x-bad": "a\r\nb: c" };
    const answer = await downloadTileSafe(origin.url("/t"), { client: kit.client(), headers, retry });
    expect(answer.success).toBe(false);
    expect(origin.requests).toEqual([]);
  });

  test("gives back a cancel as an error of its own", async () => {
    const answer = await downloadTileSafe("http://127.0.0.1:9/", { signal: AbortSignal.abort(), client: kit.client() });
    expect(answer.error).toMatchObject({ code: "cancelled" });
  });
});

describe("the client of the process", () => {
  test("is used when none is given, and names the program", async () => {
    const origin = await kit.origin();
    origin.on("/t", { body: png });
    await downloadTile(origin.url("/t"));
    expect(origin.requests[0]?.headers["user-agent"]).toMatch(/^Tilth\/.*contact: /);
  });
});
