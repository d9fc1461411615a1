import { describeTileStore } from "../../../test/conformance/tile_store.ts";
import { openMbtilesStore } from "./open_mbtiles.ts";

describeTileStore("mbtiles", {
  open: openMbtilesStore,
  fileName: "tiles.mbtiles",
  isPersistent: true,
  leaves: ["tiles.mbtiles"],
});

describeTileStore("mbtiles, de-duplicated", {
  open: (path, options) => openMbtilesStore(path, { ...options, deduplicate: true }),
  fileName: "tiles.mbtiles",
  isPersistent: true,
  leaves: ["tiles.mbtiles"],
});
