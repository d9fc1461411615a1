import { describeTileSource, type OpenCase, type TileSourceCase } from "../../test/conformance/tile_source.ts";
import type { Loopback, LoopbackAnswer, LoopbackKit } from "../../test/support/loopback.ts";
import { tileToText, webMercatorQuad, type TileCoord } from "../grid/index.ts";
import { archiveSource } from "./archive_source.ts";
import { openSource } from "./open_source.ts";
import type { OpenSourceOptions } from "./source_options.ts";

/** Not on the diagonal: swapped rows and columns show. */
const tile: TileCoord = { z: 2, x: 3, y: 1 };
const MERCATOR_BOX = webMercatorQuad().tileToBbox(tile).join(",");

interface Protocol {
  /** What a person writes, given the origins. */
  spec: (origins: readonly Loopback[]) => string;
  /** Path of the tile at each origin. */
  path: string;
  options?: OpenSourceOptions;
  mirrors?: number;
  /** Documents that the source reads first. */
  documents?: (origins: readonly Loopback[]) => Record<string, unknown>;
}

function over(protocol: Protocol): OpenCase {
  return async (kit: LoopbackKit): Promise<TileSourceCase> => {
    const origins = await Promise.all(Array.from({ length: protocol.mirrors ?? 1 }, () => kit.origin()));
    for (const [path, json] of Object.entries(protocol.documents?.(origins) ?? {}))
      origins[0]?.on(path, { body: JSON.stringify(json) });
    const answer = (given: LoopbackAnswer): void => origins.forEach((origin) => void origin.on(protocol.path, given));
    const source = await openSource(protocol.spec(origins), { client: kit.client(), ...protocol.options });
    const put = (data: Uint8Array | null): void => answer(data === null ? { status: 404 } : { body: data });
    return { source, tile, put, http: { origins, answer } };
  };
}

const first = (path: string) => (origins: readonly Loopback[]) => origins[0]?.url(path) ?? "";

const PROTOCOLS: Record<string, Protocol> = {
  "xyz template": { spec: first("/t/{z}/{x}/{y}.png"), path: "/t/2/3/1.png" },
  "tms template": { spec: first("/t/{z}/{x}/{-y}.png"), path: "/t/2/3/2.png" },
  "quadkey template": { spec: first("/t/a{q}.jpeg?g=1"), path: "/t/a13.jpeg?g=1" },
  "wmts rest template": {
    spec: first("/{Style}/{TileMatrixSet}/{Time}/{TileMatrix}/{TileRow}/{TileCol}.png"),
    path: "/default/GoogleMapsCompatible/2026/2/1/3.png",
    options: { style: "default", matrixSet: "GoogleMapsCompatible", dimensions: { time: "2026" } },
  },
  wmts: {
    spec: first("/wmts?service=WMTS"),
    path: "/wmts?SERVICE=WMTS&VERSION=1.0.0&REQUEST=GetTile&LAYER=topo&STYLE=&FORMAT=image/png&TILEMATRIXSET=WebMercatorQuad&TILEMATRIX=2&TILEROW=1&TILECOL=3",
    options: { layer: "topo" },
  },
  wms: {
    spec: first("/wms?map=x.map&service=WMS"),
    path: `/wms?map=x.map&SERVICE=WMS&VERSION=1.3.0&REQUEST=GetMap&LAYERS=topo&STYLES=&FORMAT=image/png&TRANSPARENT=TRUE&CRS=EPSG:3857&WIDTH=256&HEIGHT=256&BBOX=${MERCATOR_BOX}`,
    options: { layer: "topo" },
  },
  "arcgis cache": {
    spec: first("/rest/services/Topo/MapServer"),
    path: "/rest/services/Topo/MapServer/tile/2/1/3",
    documents: () => ({ "/rest/services/Topo/MapServer?f=json": arcgisDocument(true) }),
  },
  "arcgis export": {
    spec: first("/rest/services/Topo/MapServer"),
    path: `/rest/services/Topo/MapServer/export?bboxSR=3857&imageSR=3857&size=256,256&format=png32&transparent=true&f=image&bbox=${MERCATOR_BOX}`,
    documents: () => ({ "/rest/services/Topo/MapServer?f=json": arcgisDocument(false) }),
  },
  "tilejson of two mirrors": {
    spec: first("/topo.json"),
    path: "/t/2/3/1.png",
    mirrors: 2,
    documents: (origins) => ({
      "/topo.json": {
        tilejson: "3.0.0",
        tiles: ["t/{z}/{x}/{y}.png", origins[1]?.url("/t/{z}/{x}/{y}.png")],
        maxzoom: 5,
      },
    }),
  },
};

function arcgisDocument(tiled: boolean): unknown {
  const lods = [0, 1, 2, 3].map((level) => ({ level, resolution: 156543.033928 / 2 ** level }));
  const tileInfo = { rows: 256, cols: 256, origin: { x: -20037508.342787, y: 20037508.342787 }, lods };
  const spatialReference = { wkid: 102100, latestWkid: 3857 };
  return {
    currentVersion: 11,
    mapName: "Topo",
    singleFusedMapCache: tiled,
    ...(tiled ? { tileInfo: { ...tileInfo, spatialReference } } : {}),
  };
}

for (const [name, protocol] of Object.entries(PROTOCOLS)) describeTileSource(name, over(protocol), { http: true });

/** The least that an archive must be: no store of ours, so that only the small interface is relied on. */
async function openArchive(): Promise<TileSourceCase> {
  const held = new Map<string, Uint8Array>();
  const source = await archiveSource({
    kind: "map",
    location: "/data/x.mbtiles",
    grid: webMercatorQuad(),
    metadata: { title: "", attribution: "", format: "png" },
    async find(asked, options) {
      options?.signal?.throwIfAborted();
      const data = held.get(tileToText(asked));
      return data === undefined ? null : { data, etag: null, lastModified: null };
    },
    listLevels: async () => [2, 5],
    close: async () => undefined,
  });
  const put = (data: Uint8Array | null): void => {
    held.clear();
    // A window of a larger buffer, as SQLite and pooled buffers hand them out.
    if (data !== null) held.set(tileToText(tile), new Uint8Array([0, ...data, 0]).subarray(1, data.length + 1));
  };
  return { source, tile, put };
}

describeTileSource("archive", openArchive, { http: false });
