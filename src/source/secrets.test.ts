import { describe, expect, test } from "vitest";
import { isTilthError } from "../core/index.ts";
import { cutShort, useLoopback } from "../../test/support/loopback.ts";
import { pngTile } from "../../test/support/tile_bytes.ts";
import { arcgisSource } from "./arcgis_source.ts";
import { openSource } from "./open_source.ts";
import { accessAsWritten, fillFromEnvironment, resolveAccess } from "./secrets_from_env.ts";
import { templateSource } from "./template_source.ts";
import { tileJsonSource } from "./tilejson_source.ts";
import { wmsSource } from "./wms_source.ts";
import { wmtsSource } from "./wmts_source.ts";

const KEY = "s3cr3t-key-0123";
const env = { KEY };
const tile = { z: 1, x: 0, y: 1 };

async function errorOf(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => expect.unreachable("expected an error"),
    (error: unknown) => error as Error,
  );
}

/** All that a log, a report or a debugger would show of it. */
function shown(error: Error): string {
  const causes = error.cause instanceof Error ? shown(error.cause) : "";
  return [error.message, error.stack, JSON.stringify(error), String(error), causes].join("\n");
}

describe("keys of the environment", () => {
  test("are put in for ${NAME}, each occurrence", () => {
    expect(fillFromEnvironment("a${KEY}b${KEY}", env)).toEqual({ text: `a${KEY}b${KEY}`, secrets: [KEY, KEY] });
  });

  test.each([{}, { KEY: "" }, { KEY: undefined }])("that are not set (%j) are named in the error", (empty) => {
    expect(() => fillFromEnvironment("${KEY}", empty)).toThrow(
      expect.objectContaining({ code: "source.invalid", message: expect.stringContaining("KEY") }),
    );
  });

  test("user:password@ becomes a Basic header and leaves the URL", () => {
    const access = resolveAccess("https://me:p%40ss@h/{z}", { env });
    expect(access.url).toBe("https://h/{z}");
    expect(access.headers).toEqual({ authorization: `Basic ${btoa("me:p@ss")}` });
    expect(access.secrets).toEqual(expect.arrayContaining(["p@ss", `Basic ${btoa("me:p@ss")}`]));
  });

  test("a header of the user's own wins over user:password@", () => {
    const access = resolveAccess("https://me:pass@h/", { headers: { Authorization: "Bearer ${KEY}" }, env });
    expect(access.headers).toEqual({ authorization: `Bearer ${KEY}` });
  });

  test("a password with a broken percent code is taken as it stands", () => {
    expect(resolveAccess("https://me:100%@h/", {}).headers["authorization"]).toBe(`Basic ${btoa("me:100%")}`);
  });

  test("credentials of a TileJSON's URL go to tiles of its own origin only", () => {
    const given = resolveAccess("https://me:pass@h/t.json", {});
    expect(accessAsWritten("https://h/{z}", {}, given).headers["authorization"]).toMatch(/^Basic /);
    expect(accessAsWritten("https://other/{z}", {}, given).headers).toEqual({});
  });
});

describe("what a source shows", () => {
  const url = `https://h/wms?apikey=\${KEY}&map=a`;
  test.each([
    ["template", templateSource("https://h/${KEY}/{z}/{x}/{y}.png", { env })],
    ["template with user info", templateSource(`https://me:${KEY}@h/{z}/{x}/{y}.png`, { env })],
    ["wms", wmsSource(url, { layer: "l", env })],
    ["wmts", wmtsSource(url, { layer: "l", env })],
  ])("of %s never holds the key", (_kind, source) => {
    expect(JSON.stringify(source.info)).not.toContain(KEY);
    expect(source.info.id).toMatch(/\$\{KEY\}|\*\*\*/);
  });
});

describe("errors", () => {
  const kit = useLoopback();

  test("of statuses, bodies and exceptions never show a key, wherever in the URL it stands", async () => {
    const origin = await kit.origin();
    const page = `<html>unknown key ${KEY}, ask for another</html>`;
    const exception = `<ServiceExceptionReport><ServiceException>key ${KEY} has no rights</ServiceException></ServiceExceptionReport>`;
    origin.on(
      `/${KEY}/1/0/1?q=${KEY}`,
      { status: 403 },
      { status: 429, headers: { "retry-after": "3" } },
      { body: page },
      { body: exception },
      { headers: { "content-encoding": "foo" }, body: "x" },
      { headers: { "content-encoding": "gzip" }, body: "x" },
      { status: 302, headers: { location: "ftp://h/" } },
      cutShort("x".repeat(9), 99),
      (response) => response.destroy(),
    );
    const url = origin.url("/${KEY}/{z}/{x}/{y}?q=${KEY}");
    const source = templateSource(url, { env, client: kit.client(), headers: { "x-api": "${KEY}" } });
    const codes = [];
    for (let attempt = 0; attempt < 9; attempt++) {
      const error = await errorOf(source.fetchTile(tile));
      expect(shown(error)).not.toContain(KEY);
      codes.push(isTilthError(error) ? error.code : error.message);
    }
    expect(codes).toEqual([
      "http.status",
      "http.throttled",
      "tile.notImage",
      "source.exception",
      "http.protocol",
      "http.truncated",
      "http.redirect",
      "http.truncated",
      "http.reset",
    ]);
    expect(origin.requests[0]?.headers["x-api"]).toBe(KEY);
  });

  test("of an ArcGIS service that names the token do not show it", async () => {
    const origin = await kit.origin();
    const body = JSON.stringify({ error: { code: 498, message: `Invalid token ${KEY}` } });
    origin.on(`/MapServer?token=${KEY}&f=json`, { body });
    const opened = arcgisSource(origin.url("/MapServer?token=${KEY}"), { env, client: kit.client() });
    const error = await errorOf(opened);
    expect(error.message).toContain("Invalid token ***");
    expect(shown(error)).not.toContain(KEY);
  });

  test("about a URL that is no source do not show its password", async () => {
    const error = await errorOf(openSource(`https://me:${KEY}@h/what?token=${KEY}`));
    expect(error).toMatchObject({ code: "source.invalid" });
    expect(shown(error)).not.toContain(KEY);
  });
});

describe("a TileJSON on a server", () => {
  const kit = useLoopback();

  test("cannot ask for variables of the environment", async () => {
    const origin = await kit.origin();
    origin.on("/t.json", { body: JSON.stringify({ tiles: [origin.url("/{z}/{x}/{y}?k=${KEY}")] }) });
    const opened = tileJsonSource(origin.url("/t.json"), { env, client: kit.client() });
    await expect(opened).rejects.toMatchObject({ code: "source.invalid" });
    expect(origin.paths()).toEqual(["/t.json"]);
  });

  test("may repeat the key of its own URL, which is then not shown", async () => {
    const origin = await kit.origin();
    origin.on(`/t.json?a=${KEY}`, { body: JSON.stringify({ tiles: [origin.url(`/{z}/{x}/{y}?a=${KEY}`)] }) });
    origin.on(`/1/0/1?a=${KEY}`, { body: pngTile() }, { status: 403 });
    const source = await tileJsonSource(origin.url("/t.json?a=${KEY}"), { env, client: kit.client() });
    expect(JSON.stringify(source.info)).not.toContain(KEY);
    expect((await source.fetchTile(tile)).kind).toBe("tile");
    expect(shown(await errorOf(source.fetchTile(tile)))).not.toContain(KEY);
  });
});
