import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isTilthError } from "../core/index.ts";
import { useLoopback } from "../../test/support/loopback.ts";
import { useTempFolder } from "../../test/support/temp_folder.ts";
import { openSource } from "./open_source.ts";
import { findServiceException } from "./service_exception.ts";

describe("openSource takes", () => {
  const kit = useLoopback();
  const folder = useTempFolder();

  test.each([
    ["terrarium", "catalogue"],
    ["Terrarium", "catalogue"],
    ["https://h/{z}/{x}/{y}.png", "template"],
    ["https://h/a.json?t={z}/{x}/{y}", "template"],
    ["https://h/MapServer/tile/{z}/{y}/{x}", "template"],
    ["https://h/?service=WMS&layers=l", "wms"],
    ["https://h/?REQUEST=GetMap&layers=l", "wms"],
    ["https://h/?Service=wms&layers=l&key=${KEY}", "wms"],
    ["https://h/?service=WMTS&layer=l", "wmts"],
    ["https://h/?request=GetTile&layer=l", "wmts"],
  ])("%s as %s", async (spec, kind) => {
    const source = await openSource(spec, { env: { KEY: "abcd" } });
    expect(source.info.kind).toBe(kind);
  });

  test.each(["/a/MapServer", "/a/mapserver/", "/a/ImageServer"])("%s of ArcGIS", async (path) => {
    const origin = await kit.origin();
    origin.on(`${path}?f=json`, { body: '{"currentVersion":10}' });
    expect((await openSource(origin.url(path), { client: kit.client() })).info.kind).toBe("arcgis");
  });

  test("a TileJSON by URL and by path", async () => {
    const body = '{"tiles":["https://h/{z}/{x}/{y}"]}';
    const origin = await kit.origin();
    origin.on("/t.json?v=1", { body });
    writeFileSync(folder.path("T.JSON"), body);
    for (const spec of [origin.url("/t.json?v=1"), folder.path("T.JSON")])
      expect((await openSource(spec, { client: kit.client() })).info.kind).toBe("tilejson");
  });
});

describe("openSource refuses", () => {
  test.each(["", "nowhere", "https://h/", "ftp://h/{z}/{x}/{y}", "{z}/{x}/{y}", "https://h/?service=WFS", "https://"])(
    "'%s' and lists what it takes",
    async (spec) => {
      await expect(openSource(spec)).rejects.toMatchObject({ code: "source.invalid" });
    },
  );

  test("whatever is written, with a typed error or not at all", async () => {
    const part = fc.constantFrom(
      "https://",
      "{z}",
      "{x}{y}",
      "?",
      "service=wms",
      "&layers=%",
      "@",
      "%zz",
      "#",
      ":",
      "h",
    );
    await fc.assert(
      fc.asyncProperty(fc.array(part), async (parts) => {
        try {
          expect((await openSource(parts.join(""))).info.id).toBeTypeOf("string");
        } catch (error) {
          expect(isTilthError(error), String(error)).toBe(true);
        }
      }),
    );
  });
});

describe("findServiceException", () => {
  const find = (text: string): string | null => findServiceException(new TextEncoder().encode(text));

  test.each([
    ["<ServiceExceptionReport><ServiceException>  a\n b </ServiceException></ServiceExceptionReport>", "a b"],
    ['<ServiceExceptionReport><ServiceException code="X">why</ServiceException></ServiceExceptionReport>', "X: why"],
    [
      '<ows:ExceptionReport><ows:Exception exceptionCode="TileOutOfRange"><ows:ExceptionText>row</ows:ExceptionText></ows:Exception></ows:ExceptionReport>',
      "TileOutOfRange: row",
    ],
    [
      "<ServiceExceptionReport><ServiceException><![CDATA[ no <layer> ]]></ServiceException></ServiceExceptionReport>",
      "no <layer>",
    ],
    ["<ServiceExceptionReport/>", "no reason given"],
    ['{"error":{"code":400,"message":"bad"}}', "bad"],
    ['{"error":{"message":"say \\"please\\""}}', 'say "please"'],
  ])("finds the words of %s", (text, words) => expect(find(text)).toBe(words));

  test.each(["<html>", "", "{}", '{"error":"x"}', "<WMS_Capabilities/>", "ServiceExceptionReport"])(
    "finds none in '%s'",
    (text) => expect(find(text)).toBeNull(),
  );

  test("reads 4 kB of a hostile document and shows 300 characters at the most", () => {
    const text = `<ExceptionReport><ExceptionText>${"x".repeat(10_000_000)}`;
    expect(find(text)?.length).toBe(300);
    expect(find(`${" ".repeat(5000)}<ExceptionReport>`)).toBeNull();
  });
});

const realData = process.env["TILTH_REAL_DATA"];
if (realData !== undefined) {
  test.each([
    ["wms_service_exception_1-1-1", "msWMSDispatch(): WMS server error. Incomplete or unsupported WMS request"],
    ["wms_service_exception_1-3-0", "msWMSDispatch(): WMS server error. Incomplete or unsupported WMS request"],
    ["mapproxy_service_exception", "unknown WMS request type 'GetCapabilitie'"],
  ])("the real %s says its reason", (name, words) => {
    expect(findServiceException(readFileSync(join(realData, "capabilities/errors", `${name}.xml`)))).toBe(words);
  });
}
