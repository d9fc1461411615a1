import { Map } from "maplibre-gl";

/** MapLibre GL over a TileJSON document; zooms are those of 512 px tiles, one less than the document's. */
async function showTileJson({ url, zoom, centre, token }: Parameters<MapClients["showTileJson"]>[0]): Promise<void> {
  const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  const map = new Map({
    container: "map",
    center: centre,
    zoom,
    attributionControl: false,
    fadeDuration: 0,
    transformRequest: (address) => ({ url: address, headers }),
    style: {
      version: 8,
      sources: { tilth: { type: "raster", url, tileSize: 256 } },
      layers: [{ id: "tilth", type: "raster", source: "tilth", paint: { "raster-fade-duration": 0 } }],
    },
  });
  map.on("error", ({ error }) => console.error(error.message));
}

window.clients = { ...window.clients, showTileJson };
