import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { isRetryable, retryAfterOf } from "../../src/net/index.ts";
import type { TileCoord } from "../../src/grid/index.ts";
import type { SourceTile, TileSource } from "../../src/source/index.ts";
import { cutShort, useLoopback, type Loopback, type LoopbackAnswer, type LoopbackKit } from "../support/loopback.ts";
import { pngTile } from "../support/tile_bytes.ts";

/** A source under test, and the way to say what lies behind it. */
export interface TileSourceCase {
  readonly source: TileSource;
  readonly tile: TileCoord;
  /** What the place behind the source holds for the tile; null for nothing. */
  readonly put: (data: Uint8Array | null) => void;
  /** For a source over HTTP: its origins in the order of `hosts`, and what each answers for the tile. */
  readonly http?: { readonly origins: readonly Loopback[]; readonly answer: (answer: LoopbackAnswer) => void };
}

export type OpenCase = (kit: LoopbackKit) => Promise<TileSourceCase>;

/** The role TileSource, for any implementation; with `http` also all that a service can do wrong. */
export function describeTileSource(name: string, open: OpenCase, options: { http: boolean }): void {
  describe(`TileSource: ${name}`, () => {
    const kit = useLoopback();
    describeRole(() => open(kit));
    if (options.http) describeHttp(() => open(kit));
  });
}

type Open = () => Promise<TileSourceCase>;

function describeRole(open: Open): void {
  test("hands out a tile whole, which belongs to the caller and keeps little else alive", async () => {
    const { source, tile, put } = await open();
    put(pngTile());
    const first = tileOf(await source.fetchTile(tile));
    expect(first.format).toBe("png");
    expect(first.data).toEqual(pngTile());
    expect(first.data.buffer.byteLength - first.data.byteLength).toBeLessThanOrEqual(4096);
    first.data.fill(0);
    expect(tileOf(await source.fetchTile(tile)).data).toEqual(pngTile());
  });

  test("says empty where there is nothing", async () => {
    const { source, tile, put } = await open();
    put(null);
    expect(await source.fetchTile(tile)).toEqual({ kind: "empty" });
  });

  test("never hands out a tile that is cut short", async () => {
    const { source, tile, put } = await open();
    put(pngTile().subarray(0, -4));
    await expect(source.fetchTile(tile)).rejects.toMatchObject({ code: "tile.truncated" });
  });

  test("describes itself completely", async () => {
    const { info } = (await open()).source;
    expect(info.id).not.toBe("");
    expect(info.kind).not.toBe("");
    expect(info.title).not.toBe("");
    expect(info.minZoom).toBeLessThanOrEqual(info.maxZoom);
    expect(info.maxZoom).toBeLessThanOrEqual(info.grid.maxZ);
    expect(["allowed", "forbidden", "ownKey", "unknown"]).toContain(info.bulk);
  });

  test("starts nothing for a signal that is aborted already", async () => {
    const { source, tile, http } = await open();
    const before = countRequests(http);
    await expect(source.fetchTile(tile, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "cancelled" });
    expect(countRequests(http)).toBe(before);
  });
}

function describeHttp(open: Open): void {
  test.each([204, 404, 410])("takes status %i as empty", async (status) => {
    const { source, tile, http } = await open();
    http?.answer({ status });
    expect(await source.fetchTile(tile)).toEqual({ kind: "empty" });
  });

  test("sends validators, and takes 304 as unchanged", async () => {
    const { source, tile, http } = await open();
    const lastModified = "Tue, 24 Nov 2026 03:00:00 GMT";
    http?.answer({ body: pngTile(), headers: { etag: '"one"', "last-modified": lastModified } });
    expect(tileOf(await source.fetchTile(tile))).toMatchObject({ etag: '"one"', lastModified });
    http?.answer({ status: 304, headers: { etag: '"one"' } });
    expect(await source.fetchTile(tile, { etag: '"one"', lastModified })).toMatchObject({ kind: "notModified" });
    expect(http?.origins[0]?.requests.at(-1)?.headers).toMatchObject({
      "if-none-match": '"one"',
      "if-modified-since": lastModified,
    });
  });

  test("takes a 304 that nobody asked for as an error, because there is no tile to keep", async () => {
    const { source, tile, http } = await open();
    http?.answer({ status: 304 });
    await expect(source.fetchTile(tile)).rejects.toMatchObject({ code: "http.status", fields: { status: 304 } });
  });

  test.each([
    [400, false],
    [401, false],
    [403, false],
    [408, true],
    [500, true],
    [502, true],
    [503, true],
    [504, true],
  ])("takes status %i as an error (worth another try: %s)", async (status, retryable) => {
    const { source, tile, http } = await open();
    http?.answer({ status, body: pngTile() });
    const error: unknown = await source.fetchTile(tile).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "http.status", fields: { status } });
    expect(isRetryable(error)).toBe(retryable);
  });

  test("hands on what a throttling host asked for", async () => {
    const { source, tile, http } = await open();
    http?.answer({ status: 429, headers: { "retry-after": "7" } });
    const error: unknown = await source.fetchTile(tile).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "http.throttled" });
    expect(retryAfterOf(error)).toBe(7000);
  });

  test.each<[string, string, LoopbackAnswer]>([
    ["an HTML page with status 200", "tile.notImage", { body: "<!doctype html><title>Sorry</title>" }],
    ["a body without bytes", "tile.empty", { body: "" }],
    ["a body shorter than its Content-Length", "http.truncated", cutShort(pngTile(), 9000)],
    ["a PNG without its end", "tile.truncated", { body: pngTile().subarray(0, -12) }],
    ["a JPEG without its end", "tile.truncated", { body: Buffer.from("ffd8ffe000104a464946000101", "hex") }],
    ["a service exception", "source.exception", { body: SERVICE_EXCEPTION }],
    ["an ArcGIS error", "source.exception", { body: '{"error":{"code":500,"message":"Out of memory"}}' }],
    ["a connection that breaks", "http.reset", (response) => void response.socket?.destroy()],
  ])("refuses %s as %s, and another try may help", async (_what, code, answer) => {
    const { source, tile, http } = await open();
    http?.answer(answer);
    const error: unknown = await source.fetchTile(tile).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code });
    expect(isRetryable(error)).toBe(true);
  });

  test("an abort in the middle of a body rejects at once and hangs up", async () => {
    const { source, tile, http } = await open();
    const controller = new AbortController();
    const hungUp = new Promise<void>((resolve, reject) => {
      http?.answer((response) => {
        response.writeHead(200, { "content-length": "9000" });
        response.write(pngTile(), () => controller.abort());
        once(response, "close").then(() => resolve(), reject);
      });
    });
    const fetching = source.fetchTile(tile, { signal: controller.signal });
    await expect(fetching).rejects.toMatchObject({ code: "cancelled" });
    await hungUp;
  });

  test("asks the mirror that it is told to, and knows it by its host", async () => {
    const { source, tile, http } = await open();
    http?.answer({ body: pngTile() });
    const origins = http?.origins ?? [];
    expect(source.hosts.map(({ host }) => host)).toEqual(origins.map(({ host }) => host));
    for (const [index, origin] of origins.entries()) {
      const before = origin.requests.length;
      expect((await source.fetchTile(tile, { host: index })).kind).toBe("tile");
      expect(origin.requests.length).toBe(before + 1);
    }
  });
}

const SERVICE_EXCEPTION = `<?xml version="1.0"?>
<ServiceExceptionReport version="1.3.0"><ServiceException code="LayerNotDefined">no such layer</ServiceException></ServiceExceptionReport>`;

function tileOf(answer: SourceTile): Extract<SourceTile, { kind: "tile" }> {
  if (answer.kind !== "tile") throw new Error(`expected a tile, got ${answer.kind}`);
  return answer;
}

function countRequests(http: TileSourceCase["http"]): number {
  return (http?.origins ?? []).reduce((sum, origin) => sum + origin.requests.length, 0);
}
