import { describeTileStore } from "../../../test/conformance/tile_store.ts";
import { openDirectoryStore } from "./open_directory.ts";

describeTileStore("directory", { open: openDirectoryStore, fileName: "tiles", isPersistent: true, leaves: ["tiles"] });
