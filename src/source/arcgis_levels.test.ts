import { expect, test } from "vitest";
import { useLoopback } from "../../test/support/loopback.ts";
import { pngTile } from "../../test/support/tile_bytes.ts";
import { arcgisSource, parseArcgis } from "./arcgis_source.ts";

const kit = useLoopback();

interface Scheme {
  /** Level number of zoom 0. */
  offset?: number;
  zooms?: readonly number[];
  tileSize?: number;
  format?: string;
}

function describeCache({ offset = 0, zooms = [0, 1, 2, 3], tileSize = 256, format = "PNG" }: Scheme): string {
  const lods = zooms.map((zoom) => ({
    level: zoom + offset,
    resolution: (156543.033928 * 256) / tileSize / 2 ** zoom,
  }));
  const origin = { x: -20037508.342787, y: 20037508.342787 };
  const tileInfo = { rows: tileSize, cols: tileSize, format, origin, lods, spatialReference: { wkid: 102100 } };
  return JSON.stringify({ currentVersion: 11, singleFusedMapCache: true, tileInfo });
}

test.each<[Scheme, object]>([
  [{}, { minZoom: 0, maxZoom: 3, tileSize: 256, levelOffset: 0 }],
  [{ zooms: [5, 6, 7] }, { minZoom: 5, maxZoom: 7, tileSize: 256, levelOffset: 0 }],
  [
    { zooms: [5, 6, 7], offset: -5 },
    { minZoom: 5, maxZoom: 7, tileSize: 256, levelOffset: -5 },
  ],
  [
    { tileSize: 512, offset: 1 },
    { minZoom: 0, maxZoom: 3, tileSize: 512, levelOffset: 1 },
  ],
  // The level above the whole world in one tile is left out.
  [
    { zooms: [-1, 0, 1], offset: 1 },
    { minZoom: 0, maxZoom: 1, tileSize: 256, levelOffset: 1 },
  ],
])("a cache of %j is used as tiles", (scheme, expected) => {
  expect(parseArcgis(describeCache(scheme)).tiled).toEqual(expected);
});

test.each<[string, Scheme]>([
  ["of elevations (LERC)", { format: "LERC2D" }],
  ["with levels between those of the quad", { zooms: [0, 0.5, 1] }],
  ["with tiles of another size", { tileSize: 300 }],
])("a cache %s is exported instead", (_what, scheme) => {
  expect(parseArcgis(describeCache(scheme)).tiled).toBeNull();
});

test("a cache that counts its levels from a deeper zoom is asked by its own numbers", async () => {
  const origin = await kit.origin();
  origin.on("/MapServer?f=json", { body: describeCache({ zooms: [5, 6], offset: -5 }) });
  origin.on("/MapServer/tile/1/9/7", { body: pngTile() });
  const source = await arcgisSource(origin.url("/MapServer"), { client: kit.client() });
  expect((await source.fetchTile({ z: 6, x: 7, y: 9 })).kind).toBe("tile");
});
