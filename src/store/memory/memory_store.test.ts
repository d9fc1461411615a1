import { describeTileStore } from "../../../test/conformance/tile_store.ts";
import { openMemoryStore } from "./memory_store.ts";

describeTileStore("memory", {
  open: async (_location, options) => openMemoryStore(options),
  fileName: "",
  isPersistent: false,
  leaves: [],
});
