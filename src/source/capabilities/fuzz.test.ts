import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { keyValueWmts, restfulWmts, wms111, wms130 } from "../../../test/e2e/sources_documents.ts";
import { isTilthError } from "../../core/index.ts";
import { matrixSource } from "./matrix_source.ts";
import { parseServiceDescription } from "./parse_service.ts";
import { resolveMatrixSet } from "./resolve_matrix_set.ts";
import type { ServiceDescription } from "./service_description.ts";
import { summarizeService } from "./summarize.ts";
import { wmsServiceSource } from "./wms_service.ts";

const level = {
  id: "0",
  cellSize: 2,
  pointOfOrigin: [90, -180],
  matrixWidth: 1,
  matrixHeight: 1,
  tileWidth: 180,
  tileHeight: 90,
};
const DOCUMENTS = [
  keyValueWmts("http://h.example/kvp"),
  restfulWmts("http://h.example/{Style}/{Time}/{TileMatrix}/{TileRow}/{TileCol}"),
  wms130("http://h.example/wms"),
  wms111("http://h.example/wms"),
  '<TileMap><SRS>EPSG:3857</SRS><BoundingBox minx="0" miny="0" maxx="9" maxy="9"/><Origin x="0" y="0"/><TileSets><TileSet href="http://h.example/0" units-per-pixel="1" order="0"/></TileSets></TileMap>',
  '<TileMapService><TileMaps><TileMap title="A" href="http://h.example/a"/></TileMaps></TileMapService>',
  '{"tilejson":"3.0.0","tiles":["http://h.example/{z}/{x}/{y}"],"minzoom":0,"maxzoom":3,"bounds":[-1,-2,3,4]}',
  '{"currentVersion":11,"singleFusedMapCache":true,"layers":[{"id":0}],"tileInfo":{"rows":256,"cols":256,"origin":{"x":-180,"y":90},"spatialReference":{"wkid":4326},"lods":[{"level":3,"resolution":0.5}]}}',
  JSON.stringify({
    dataType: "map",
    tileMatrixSet: { id: "t", crs: "EPSG:4326", tileMatrices: [level] },
    tileMatrixSetLimits: [{ tileMatrix: "0", minTileRow: 0, maxTileRow: 0, minTileCol: 0, maxTileCol: 0 }],
    links: [{ rel: "item", href: "http://h.example/{tileRow}" }],
  }),
].map((text) => new TextEncoder().encode(text));

/** Bytes put in place of others, cut out, or doubled. */
const mutation = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  remove: fc.nat(40),
  insert: fc.oneof(
    fc.uint8Array({ maxLength: 6 }),
    fc
      .constantFrom("<", ">", '"', "{", "[", "null", "-1e999", "NaN", "0", "<Layer>", "&#0;", "{x}", "1e308")
      .map((text) => new TextEncoder().encode(text)),
  ),
});

type Mutation = { at: number; remove: number; insert: Uint8Array };

const mutate = (bytes: Uint8Array, { at, remove, insert }: Mutation): Uint8Array => {
  const start = Math.floor(at * bytes.length);
  return new Uint8Array([...bytes.subarray(0, start), ...insert, ...bytes.subarray(start + remove)]);
};

/** Everything that can be done with a description, short of asking for tiles. */
function useUp(description: ServiceDescription): void {
  for (const set of description.matrixSets) resolveMatrixSet(set);
  const place = { access: { url: "http://h.example/caps", headers: {}, secrets: [] } };
  summarizeService({ description, place });
  for (const open of [matrixSource, wmsServiceSource]) {
    try {
      const { info } = open(description, place, {
        layer: description.layers.find(({ name }) => name !== null)?.name ?? "x",
      });
      expect(info.minZoom).toBeLessThanOrEqual(info.maxZoom);
    } catch (error) {
      if (!isTilthError(error)) throw error;
    }
  }
}

describe("a damaged description", () => {
  test.each(DOCUMENTS.map((bytes, index) => [index, bytes] as const))(
    "of kind %i is read, or refused with a code of ours",
    (_index, bytes) => {
      expect(parseServiceDescription(bytes).kind).not.toBe("");
      fc.assert(
        fc.property(fc.array(mutation, { minLength: 1, maxLength: 4 }), (mutations) => {
          try {
            useUp(parseServiceDescription(mutations.reduce(mutate, bytes), { base: "http://h.example/caps" }));
          } catch (error) {
            expect(isTilthError(error), String(error)).toBe(true);
          }
        }),
        { numRuns: 300 },
      );
    },
  );
});
