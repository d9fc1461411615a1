import { describe, expect, test } from "vitest";
import { wms111, wms130 } from "../../../test/e2e/sources_documents.ts";
import { inheritLayer, layerPath } from "./inherit_layer.ts";
import { parseServiceDescription } from "./parse_service.ts";
import type { ServiceDescription, ServiceLayer } from "./service_description.ts";

const parse = (text: string, base = ""): ServiceDescription =>
  parseServiceDescription(new TextEncoder().encode(text), { base });

function layerOf(description: ServiceDescription, name: string): ServiceLayer {
  const layer = description.layers.find((one) => one.name === name);
  if (layer === undefined) throw new Error(`no layer ${name}`);
  return inheritLayer(description, layer);
}

describe("WMS 1.3.0", () => {
  const description = parse(wms130("/map?token=t"), "https://h.example/caps?x=1");

  test("tells limits, formats and the endpoint of GetMap", () => {
    expect(description).toMatchObject({
      kind: "wms",
      version: "1.3.0",
      title: "Maps of Nowhere",
      limits: { maxWidth: 1024, maxHeight: 512, layerLimit: 2 },
      endpoints: ["https://h.example/map?token=t"],
    });
    expect(JSON.parse(JSON.stringify(description))).toEqual(description);
  });

  test("a group without a name stands before its layers, and cannot be asked for", () => {
    expect(description.layers.map(({ name, parent }) => [name, parent])).toEqual([
      [null, null],
      ["land", 0],
      ["water", 0],
    ]);
    expect(layerPath(description, layerOf(description, "land"))).toEqual(["All"]);
  });

  test("layers add styles, systems and dimensions to those of their groups, and replace boxes and scales", () => {
    const land = layerOf(description, "land");
    expect(land).toMatchObject({
      crs: ["EPSG:4326", "EPSG:3857"],
      bounds: [-10, -20, 30, 40],
      minScale: 1000,
      maxScale: null,
      opaque: true,
      cascaded: false,
      formats: ["image/jpeg", "image/png"],
      dimensions: [{ name: "time", units: "ISO8601", default: "2026-01-01", values: ["2025-01-01", "2026-01-01"] }],
    });
    expect(land.styles.map(({ name }) => name)).toEqual(["own", "inherited"]);
    const water = layerOf(description, "water");
    expect(water).toMatchObject({ crs: ["CRS:84", "EPSG:4326", "EPSG:3857"], minScale: 500, cascaded: true });
  });
});

describe("WMS 1.1.1", () => {
  test("has SRS lists, extents, scale hints and a DOCTYPE", () => {
    const description = parse(wms111("http://h.example/wms?map=old.map"));
    expect(description).toMatchObject({ version: "1.1.1", endpoints: ["http://h.example/wms?map=old.map"] });
    const layer = layerOf(description, "old");
    expect(layer).toMatchObject({
      crs: ["EPSG:4326", "EPSG:900913"],
      bounds: [-10, -20, 30, 40],
      dimensions: [{ name: "time", default: "1999", values: ["1998", "1999"] }],
    });
    // The diagonal of a pixel of 0.28 m at 1:1000 is 0.28 m times the square root of two.
    expect(layer.minScale).toBeCloseTo(1000, 6);
    expect(layer.maxScale).toBeCloseTo(100_000, 4);
  });
});

describe("boxes", () => {
  const bounds = (box: string): unknown =>
    parse(wms111("http://h/").replace(/<LatLonBoundingBox[^>]*>/, `<LatLonBoundingBox ${box}/>`)).layers[0]?.bounds;

  test.each([
    ['minx="-180.0001" miny="-90" maxx="180.0001" maxy="90"', [-180, -90, 180, 90]],
    ['minx="170" miny="-50" maxx="-170" maxy="-40"', [170, -50, -170, -40]],
    ['minx="0" miny="0" maxx="0" maxy="0"', null],
    ['minx="500000" miny="0" maxx="600000" maxy="10"', null],
    ['minx="a" miny="0" maxx="1" maxy="1"', null],
    ['minx="0" miny="9" maxx="1" maxy="1"', null],
  ])("%s is %j", (box, expected) => {
    expect(bounds(box)).toEqual(expected);
  });
});
