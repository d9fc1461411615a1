import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { LonLatBbox } from "../../geo/index.ts";
import { nameInAddress } from "../address_schema.ts";
import { boundsOf } from "../grid_bounds.ts";
import { baseUrlOf } from "../base_url.ts";
import type { CacheRegistry, ServedCache } from "../served_cache.ts";

/** TileJSON 3.0.0 (github.com/mapbox/tilejson-spec). */
export interface TileJson {
  readonly tilejson: "3.0.0";
  readonly name: string;
  readonly attribution: string;
  readonly scheme: "xyz";
  readonly tiles: readonly string[];
  readonly minzoom: number;
  readonly maxzoom: number;
  /** West, south, east, north. */
  readonly bounds: LonLatBbox;
}

const SCHEMA = { tags: ["tiles"], summary: "A cache as TileJSON 3", params: z.object({ cache: nameInAddress }) };

/** `/tilejson/{cache}.json`. The specification knows Web Mercator only: other grids are described by `/ogc`. */
export function addTileJsonRoute(app: FastifyInstance, registry: CacheRegistry): void {
  app.get<{ Params: { cache: string } }>("/tilejson/:cache.json", { schema: SCHEMA }, async (request) =>
    registry.use(request.params.cache, async (served) => describe(served, baseUrlOf(request))),
  );
}

function describe(served: ServedCache, base: string): TileJson {
  const { name, title, attribution, minZoom, maxZoom } = served;
  return {
    tilejson: "3.0.0",
    name: title,
    attribution,
    scheme: "xyz",
    tiles: [`${base}/tiles/${name}/{z}/{x}/{y}`],
    minzoom: minZoom,
    maxzoom: maxZoom,
    bounds: boundsOf(served),
  };
}
