/** What the page of somebody else's map offers to the tests: each call draws one map and resolves when it has been told to. */
interface MapClients {
  showTileJson(options: {
    url: string;
    zoom: number;
    centre: [lon: number, lat: number];
    token?: string;
  }): Promise<void>;
  showWmts(
    options: PlaneView & { capabilities: string; layer: string; requestEncoding: "KVP" | "REST" },
  ): Promise<void>;
  showOgcTiles(options: PlaneView & { tileSet: string }): Promise<void>;
}

/** A view of a plane: one pixel of the window is `resolution` units of the CRS. */
interface PlaneView {
  crs: string;
  /** For proj4; x east, y north. */
  proj: string;
  /** In which the authority of the CRS names coordinates. */
  axisOrder: "xy" | "yx";
  /** East, north. */
  centre: [x: number, y: number];
  resolution: number;
}

interface Window {
  clients: Partial<MapClients>;
}
