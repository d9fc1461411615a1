import { tileMatrixSetToJson, type TileMatrixSetDocument } from "../../grid/index.ts";
import { boundsOf } from "../grid_bounds.ts";
import { mediaTypeOfFormat } from "../media_types.ts";
import { matrixSetName } from "../matrix_set_names.ts";
import type { ServedCache } from "../served_cache.ts";
import { tileLimitsOf } from "../tile_limits.ts";

/** A link of OGC API - Common (OGC 19-072). */
export interface Link {
  readonly rel: string;
  readonly type: string;
  readonly href: string;
  readonly title?: string;
  /** True when `href` has variables in braces. */
  readonly templated?: boolean;
}

const JSON_TYPE = "application/json";
const REL = "http://www.opengis.net/def/rel/ogc/1.0";

/** Conformance classes of OGC API - Common (19-072) and of OGC API - Tiles (20-057). */
export const CONFORMANCE: readonly string[] = [
  "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
  "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/landing-page",
  "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/json",
  "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections",
  "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/core",
  "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tileset",
  "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tilesets-list",
  "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/geodata-tilesets",
  "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/collections-selection",
];

const link = (rel: string, href: string, title?: string): Link => ({ rel, type: JSON_TYPE, href, title });

/** `/ogc`. @param base the server's address without a slash at the end */
export function landingPage(base: string): { title: string; description: string; links: Link[] } {
  return {
    title: "Tilth",
    description: "Caches of map tiles, each in its own grid",
    links: [
      link("self", `${base}/ogc`),
      link("conformance", `${base}/ogc/conformance`),
      link("data", `${base}/ogc/collections`),
      link(`${REL}/tiling-schemes`, `${base}/ogc/tileMatrixSets`),
    ],
  };
}

/** Tiles of pictures are maps, others are data (OGC 20-057, 9.1). */
export function tilesPath({ name, cache }: ServedCache): string {
  const isVector = cache.store.metadata.format === "mvt";
  return `/ogc/collections/${name}${isVector ? "" : "/map"}/tiles`;
}

export function collection(served: ServedCache, base: string) {
  const { name, title, attribution, cache } = served;
  const rel = cache.store.metadata.format === "mvt" ? "tilesets-vector" : "tilesets-map";
  return {
    id: name,
    title,
    attribution,
    extent: { spatial: { bbox: [boundsOf(served)] } },
    links: [
      link("self", `${base}/ogc/collections/${name}`),
      link(`${REL}/${rel}`, `${base}${tilesPath(served)}`, "tile sets"),
    ],
  };
}

/** One tile set (OGC 17-083r4, annex): a cache in its grid. */
export function tileSet(served: ServedCache, caches: readonly ServedCache[], base: string) {
  const { title, cache } = served;
  const { grid, metadata } = cache.store;
  const set = matrixSetName(served, caches);
  const [west, south, east, north] = boundsOf(served);
  const path = `${base}${tilesPath(served)}/${set}`;
  const type = mediaTypeOfFormat(metadata.format ?? "png");
  return {
    title,
    dataType: metadata.format === "mvt" ? "vector" : "map",
    crs: tileMatrixSetToJson(grid).crs,
    tileMatrixSetId: set,
    boundingBox: {
      lowerLeft: [west, south],
      upperRight: [east, north],
      crs: "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
    },
    tileMatrixSetLimits: tileLimitsOf(served),
    links: [
      link("self", path),
      link(`${REL}/tiling-scheme`, `${base}/ogc/tileMatrixSets/${set}`),
      { rel: "item", type, href: `${path}/{tileMatrix}/{tileRow}/{tileCol}`, templated: true },
    ],
  };
}

/** All tile matrix sets in use, by name. */
export function listMatrixSets(caches: readonly ServedCache[]): Map<string, TileMatrixSetDocument> {
  return new Map(
    caches.map((served) => {
      const id = matrixSetName(served, caches);
      return [id, { ...tileMatrixSetToJson(served.cache.store.grid), id }];
    }),
  );
}
