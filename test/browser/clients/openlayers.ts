import WMTSCapabilities from "ol/format/WMTSCapabilities.js";
import TileLayer from "ol/layer/Tile.js";
import Map from "ol/Map.js";
import { register } from "ol/proj/proj4.js";
import OGCMapTile from "ol/source/OGCMapTile.js";
import WMTS, { optionsFromCapabilities } from "ol/source/WMTS.js";
import View from "ol/View.js";
import proj4 from "proj4";

/** OpenLayers over a WMTS, which it knows from its capabilities alone. */
async function showWmts(options: Parameters<MapClients["showWmts"]>[0]): Promise<void> {
  registerSystem(options);
  const answer = await fetch(options.capabilities);
  const { layer, requestEncoding } = options;
  const wmts = optionsFromCapabilities(new WMTSCapabilities().read(await answer.text()), { layer, requestEncoding });
  if (wmts === null) throw new Error(`OpenLayers finds no layer ${layer} in ${options.capabilities}`);
  show(new WMTS({ ...wmts, crossOrigin: "anonymous" }), options);
}

/** OpenLayers over a tile set of OGC API - Tiles. */
async function showOgcTiles(options: Parameters<MapClients["showOgcTiles"]>[0]): Promise<void> {
  registerSystem(options);
  // OpenLayers knows the document's `http://www.opengis.net/def/crs/EPSG/0/2056` by no other name than that: its user says what it is.
  show(new OGCMapTile({ url: options.tileSet, projection: options.crs, crossOrigin: "anonymous" }), options);
}

/** In the capabilities of WMTS corners stand in the order of the CRS's authority, which OpenLayers reads from `+axis`. */
function registerSystem({ crs, proj, axisOrder }: PlaneView): void {
  proj4.defs(crs, axisOrder === "yx" ? `${proj} +axis=neu` : proj);
  register(proj4);
}

let last: Map | undefined;

function show(source: WMTS | OGCMapTile, { crs, centre, resolution }: PlaneView): void {
  const view = new View({ projection: crs, center: centre, resolution, maxResolution: 1e6, minResolution: 1e-12 });
  // Another map would still show its tiles.
  last?.dispose();
  last = new Map({ target: "map", controls: [], layers: [new TileLayer({ source })], view });
  source.on("change", () => source.getState() === "error" && console.error("the source cannot be used"));
}

window.clients = { ...window.clients, showWmts, showOgcTiles };
