import { describeTileStore } from "../../../test/conformance/tile_store.ts";
import { openGeopackageStore } from "./open_geopackage.ts";

describeTileStore("geopackage", {
  open: openGeopackageStore,
  fileName: "tiles.gpkg",
  isPersistent: true,
  leaves: ["tiles.gpkg"],
});
