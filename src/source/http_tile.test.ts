import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { TilthError } from "../core/index.ts";
import { isRetryable } from "../net/index.ts";
import { cutShort, useLoopback, type LoopbackAnswer } from "../../test/support/loopback.ts";
import { mvtTile, pngTile } from "../../test/support/tile_bytes.ts";
import { fetchHttpTile } from "./http_tile.ts";
import type { FetchTileOptions, SourceTile } from "./tile_source.ts";

const kit = useLoopback();

async function fetchOne(answer: LoopbackAnswer, options: FetchTileOptions = {}): Promise<SourceTile> {
  const origin = await kit.origin();
  origin.on("/tile", answer);
  return fetchHttpTile(kit.client(), origin.url("/tile"), {}, options);
}

async function errorOf(answer: LoopbackAnswer, options?: FetchTileOptions): Promise<TilthError> {
  return fetchOne(answer, options).then(
    () => expect.unreachable("expected an error"),
    (error: unknown) => error as TilthError,
  );
}

const png = pngTile();

describe("an answer of use", () => {
  test("is a tile with its format and validators", async () => {
    const headers = { etag: '"v1"', "last-modified": "Thu, 01 Jan 2026 00:00:00 GMT", "content-type": "text/html" };
    expect(await fetchOne({ headers, body: png })).toEqual({
      kind: "tile",
      data: png,
      format: "png",
      etag: '"v1"',
      lastModified: "Thu, 01 Jan 2026 00:00:00 GMT",
    });
  });

  test("is not copied when it came in one piece, and keeps little more alive than itself", async () => {
    const tile = await fetchOne({ body: png });
    const extra = tile.kind === "tile" ? tile.data.buffer.byteLength - png.length : Number.NaN;
    expect(extra).toBeGreaterThan(0);
    expect(extra).toBeLessThanOrEqual(4096);
  });

  test.each([204, 404, 410])("with status %i means that there is nothing", async (status) => {
    expect(await fetchOne({ status, body: status === 204 ? undefined : "<html>nothing</html>" })).toEqual({
      kind: "empty",
    });
  });

  test("with a validator of 10 kB is kept without it", async () => {
    expect(await fetchOne({ headers: { etag: "x".repeat(10_000) }, body: png })).toMatchObject({ etag: null });
  });
});

describe("a renewal", () => {
  const known = { etag: '"v1"', lastModified: "Thu, 01 Jan 2026 00:00:00 GMT" };

  test("sends both validators, and 304 means not modified", async () => {
    const origin = await kit.origin();
    origin.on("/tile", { status: 304, headers: { etag: '"v1"' } });
    expect(await fetchHttpTile(kit.client(), origin.url("/tile"), {}, known)).toEqual({
      kind: "notModified",
      etag: '"v1"',
      lastModified: null,
    });
    expect(origin.requests[0]?.headers).toMatchObject({
      "if-none-match": '"v1"',
      "if-modified-since": known.lastModified,
    });
  });

  test("without validators sends no conditions", async () => {
    const origin = await kit.origin();
    origin.on("/tile", { body: png });
    await fetchHttpTile(kit.client(), origin.url("/tile"), {}, { etag: null, lastModified: null });
    expect(Object.keys(origin.requests[0]?.headers ?? {})).not.toContain("if-none-match");
    expect(Object.keys(origin.requests[0]?.headers ?? {})).not.toContain("if-modified-since");
  });

  test("that nobody asked for is no answer: 304 without validators is an error", async () => {
    expect(await errorOf({ status: 304 })).toMatchObject({ code: "http.status", fields: { status: 304 } });
  });
});

describe("a status that is an error", () => {
  test.each([
    [400, "http.status", false],
    [401, "http.status", false],
    [403, "http.status", false],
    [408, "http.status", true],
    [429, "http.throttled", true],
    [500, "http.status", true],
    [501, "http.status", false],
    [502, "http.status", true],
    [503, "http.status", true],
    [504, "http.status", true],
  ])("%i is %s and retryable: %s", async (status, code, retryable) => {
    // A tile in the body of an error is not taken for one.
    const error = await errorOf({ status, body: png });
    expect(error).toMatchObject({ code, fields: { status } });
    expect(isRetryable(error)).toBe(retryable);
  });

  test.each([429, 503])("%i hands on what Retry-After says", async (status) => {
    const error = await errorOf({ status, headers: { "retry-after": "7" } });
    expect(error.fields["retryAfterMs"]).toBe(7000);
  });
});

describe("a body that is no whole tile", () => {
  test.each<[string, LoopbackAnswer, string]>([
    ["an HTML page with status 200", { body: "<!DOCTYPE html><p>Sorry" }, "tile.notImage"],
    ["no bytes at all", { body: "" }, "tile.empty"],
    ["a PNG without IEND", { body: png.subarray(0, -12) }, "tile.truncated"],
    ["fewer bytes than Content-Length says", cutShort(png.subarray(0, 20), png.length), "http.truncated"],
    ["an XML exception", { body: exception("no such layer") }, "source.exception"],
    ["a gzip body that ends early", gzipped(gzipSync(png).subarray(0, 30)), "http.truncated"],
  ])("%s is a typed error that is retried", async (_name, answer, code) => {
    const error = await errorOf(answer);
    expect(error.code).toBe(code);
    expect(isRetryable(error)).toBe(true);
  });

  test("the exception's own words are told", async () => {
    const error = await errorOf({ body: exception("no such layer") });
    expect(error.message).toContain("LayerNotDefined: no such layer");
  });
});

describe("content encoding", () => {
  test("of an image is undone", async () => {
    expect(await fetchOne(gzipped(gzipSync(png)))).toMatchObject({ format: "png", data: png });
  });

  test("gzip of a vector tile is kept as it came", async () => {
    const wire = gzipSync(mvtTile());
    const tile = await fetchOne(gzipped(wire));
    expect(tile).toMatchObject({ format: "mvt", data: new Uint8Array(wire) });
  });

  test("gzip around a vector tile that is gzipped already is undone once", async () => {
    const inner = gzipSync(mvtTile());
    const tile = await fetchOne(gzipped(gzipSync(inner)));
    expect(tile.kind === "tile" && new Uint8Array(gunzipSync(tile.data))).toEqual(mvtTile());
  });

  test("a plain vector tile stays plain", async () => {
    expect(await fetchOne({ body: mvtTile() })).toMatchObject({ format: "mvt", data: mvtTile() });
  });
});

function gzipped(body: Uint8Array): LoopbackAnswer {
  return { headers: { "content-encoding": "gzip" }, body };
}

function exception(text: string): string {
  return `<?xml version="1.0"?><ServiceExceptionReport><ServiceException code="LayerNotDefined">${text}</ServiceException></ServiceExceptionReport>`;
}
