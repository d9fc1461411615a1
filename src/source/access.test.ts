import { writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { useLoopback } from "../../test/support/loopback.ts";
import { useTempFolder } from "../../test/support/temp_folder.ts";
import { pngTile } from "../../test/support/tile_bytes.ts";
import { downloadTile } from "./download_tile.ts";
import { openSource } from "./open_source.ts";
import { templateSource } from "./template_source.ts";
import { tileJsonSource } from "./tilejson_source.ts";
import { UrlTemplate } from "./url_template.ts";
import { webMercatorQuad } from "../grid/index.ts";

const KEY = "s3cr3t-key-0123";
const tile = { z: 0, x: 0, y: 0 };
const kit = useLoopback();
const folder = useTempFolder();

async function errorText(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.catch((reason: unknown) => reason);
  if (!(error instanceof Error)) throw new Error("expected an error");
  return `${error.message} ${error.stack} ${JSON.stringify(error)}`;
}

describe("a key from the environment", () => {
  test("may hold any character: it stays one value of the URL", async () => {
    const origin = await kit.origin();
    origin.on("/0/0/0?k=a%26b%2F%23%20%25%7Bz%7D&q=1", { body: pngTile() });
    const url = origin.url("/{z}/{x}/{y}?k=${KEY}&q=1");
    const source = templateSource(url, { env: { KEY: "a&b/# %{z}" }, client: kit.client() });
    expect((await source.fetchTile(tile)).kind).toBe("tile");
  });

  test("as a password with any character reaches the server as it is", async () => {
    const origin = await kit.origin();
    origin.on("/0/0/0", { body: pngTile() });
    const url = origin.url("/{z}/{x}/{y}").replace("://", "://me:${KEY}@");
    const source = templateSource(url, { env: { KEY: "p@ss/w%rd:1" }, client: kit.client() });
    await source.fetchTile(tile);
    expect(origin.requests[0]?.headers.authorization).toBe(`Basic ${btoa("me:p@ss/w%rd:1")}`);
  });

  test("is not shown by the error about a template without placeholders", () => {
    const open = (): unknown => templateSource("https://h/${KEY}/tiles", { env: { KEY } });
    expect(open).toThrow(expect.objectContaining({ code: "source.invalid" }));
    const made = (): unknown => new UrlTemplate(`https://h/${KEY}/tiles`, webMercatorQuad(), { secrets: [KEY] });
    expect(made).toThrow(expect.objectContaining({ fields: { template: "https://h/***/tiles" } }));
  });
});

test.each([
  ["query", `?token=${KEY}`, {}],
  ["header", "", { "X-Api-Key": KEY }],
])("a key that the user wrote out in a %s is cut out of a page that repeats it", async (_where, query, headers) => {
  const origin = await kit.origin();
  origin.onAny({ body: `<html>no rights for ${KEY}</html>` });
  const source = templateSource(origin.url(`/{z}/{x}/{y}${query}`), { headers, client: kit.client() });
  const text = await errorText(source.fetchTile(tile));
  expect(text).toContain("no rights for ***");
  expect(text).not.toContain(KEY);
});

describe("a secret stays with its origin", () => {
  const headers = { Authorization: `Bearer ${KEY}`, "X-Client": "${KEY}", "X-Plain": "yes" };

  test("when a redirect leads elsewhere, whatever its header is called", async () => {
    const [from, to] = [await kit.origin(), await kit.origin()];
    from.on("/0/0/0", { status: 302, headers: { location: to.url("/t") } });
    to.on("/t", { body: pngTile() });
    const source = templateSource(from.url("/{z}/{x}/{y}"), { headers, env: { KEY }, client: kit.client() });
    await source.fetchTile(tile);
    expect(from.requests[0]?.headers).toMatchObject({ "x-client": KEY, authorization: `Bearer ${KEY}` });
    expect(to.requests[0]?.headers).toMatchObject({ "x-plain": "yes" });
    expect(JSON.stringify(to.requests)).not.toContain(KEY);
  });

  test("when a TileJSON names tiles elsewhere", async () => {
    const [from, to] = [await kit.origin(), await kit.origin()];
    from.on("/t.json", { body: JSON.stringify({ tiles: [to.url("/{z}/{x}/{y}"), from.url("/{z}/{x}/{y}")] }) });
    from.on("/0/0/0", { body: pngTile() });
    to.on("/0/0/0", { body: pngTile() });
    const source = await tileJsonSource(from.url("/t.json"), { headers, env: { KEY }, client: kit.client() });
    await source.fetchTile(tile, { host: 0 });
    expect(to.requests[0]?.headers).toMatchObject({ "x-plain": "yes" });
    expect(JSON.stringify(to.requests)).not.toContain(KEY);
  });

  test("and a TileJSON file sends what the user gave, but cannot ask for variables", async () => {
    const origin = await kit.origin();
    origin.on("/0/0/0", { body: pngTile() });
    writeFileSync(folder.path("a.json"), JSON.stringify({ tiles: [origin.url("/{z}/{x}/{y}")] }));
    const options = { headers, env: { KEY }, client: kit.client() };
    await (await tileJsonSource(folder.path("a.json"), options)).fetchTile(tile);
    expect(origin.requests[0]?.headers).toMatchObject({ authorization: `Bearer ${KEY}`, "x-client": KEY });
    writeFileSync(folder.path("b.json"), JSON.stringify({ tiles: [origin.url("/{z}/{x}/{y}?k=${KEY}")] }));
    const asking = tileJsonSource(folder.path("b.json"), options);
    await expect(asking).rejects.toMatchObject({ code: "source.invalid" });
  });
});

test("a mirror of a TileJSON does not get the headers of the others", async () => {
  const [first, second] = [await kit.origin(), await kit.origin()];
  const tiles = [first.url("/{z}/{x}/{y}").replace("://", `://me:${KEY}@`), second.url("/{z}/{x}/{y}")];
  first.on("/t.json", { body: JSON.stringify({ tiles }) }).on("/0/0/0", { body: pngTile() });
  second.on("/0/0/0", { body: pngTile() });
  const source = await tileJsonSource(first.url("/t.json"), { client: kit.client() });
  await source.fetchTile(tile, { host: 0 });
  await source.fetchTile(tile, { host: 1 });
  expect(first.requests[1]?.headers.authorization).toBe(`Basic ${btoa(`me:${KEY}`)}`);
  expect(second.requests[0]?.headers.authorization).toBeUndefined();
});

test("a TileJSON of more mirrors than anybody has is refused", async () => {
  const tiles = Array.from({ length: 65 }, (_, index) => `https://h${index}/{z}/{x}/{y}`);
  writeFileSync(folder.path("many.json"), JSON.stringify({ tiles }));
  await expect(openSource(folder.path("many.json"))).rejects.toMatchObject({ code: "source.invalid" });
});

test("a TileJSON file beyond the cap is refused before it is read", async () => {
  writeFileSync(folder.path("big.json"), Buffer.alloc(32 * 1024 * 1024 + 1, " "));
  await expect(openSource(folder.path("big.json"))).rejects.toMatchObject({
    code: "source.invalid",
    message: expect.stringContaining("at most 33554432 bytes") as string,
  });
});

describe("downloadTile", () => {
  test("sends user:password@ as a header and shows it nowhere", async () => {
    const origin = await kit.origin();
    origin.on("/t", { body: pngTile() }, { status: 404 });
    const url = origin.url("/t").replace("://", `://me:${KEY}@`);
    const client = kit.client();
    expect(await downloadTile(url, { client })).toEqual(pngTile());
    expect(origin.requests[0]?.headers.authorization).toBe(`Basic ${btoa(`me:${KEY}`)}`);
    expect(await errorText(downloadTile(url, { client }))).not.toContain(KEY);
  });

  test("puts no variable into a URL, which may come from anywhere", async () => {
    const origin = await kit.origin();
    origin.onAny({ body: pngTile() });
    await downloadTile(origin.url("/t?k=${PATH}"), { client: kit.client() });
    expect(origin.paths()).toEqual(["/t?k=${PATH}"]);
  });

  test("tries as often as `retries` says", async () => {
    const origin = await kit.origin();
    origin.on("/t", { status: 500 });
    const options = { client: kit.client(), retries: 1, retry: { baseMs: 1 } };
    await expect(downloadTile(origin.url("/t"), options)).rejects.toMatchObject({ fields: { status: 500 } });
    expect(origin.requests).toHaveLength(2);
  });
});
