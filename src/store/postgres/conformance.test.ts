import { createHash } from "node:crypto";
import { describeTileStore } from "../../../test/conformance/tile_store.ts";
import { usePostgres } from "../../../test/support/postgres.ts";
import { openStore } from "../open_store.ts";

const server = usePostgres();

/** Each location of a test is a cache of its own in one database. */
function addressOf(location: string): string {
  const url = new URL(server().url);
  url.searchParams.set("layer", createHash("sha256").update(location).digest("hex").slice(0, 16));
  return url.href;
}

describeTileStore("postgres", {
  open: (location, options) => openStore(addressOf(location), options),
  fileName: "cache",
  isPersistent: true,
  hasOneWriter: false,
  leaves: [],
  addressOf,
});
