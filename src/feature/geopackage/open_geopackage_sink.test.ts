import { DatabaseSync } from "node:sqlite";
import { describeFeatureWriter } from "../../../test/conformance/feature_writer.ts";
import { LAYERS } from "../../../test/support/feature_layers.ts";
import { readGeopackageFeatures } from "../../../test/support/read_geopackage_features.ts";

describeFeatureWriter("GeoPackage", {
  fileName: "a.gpkg",
  read: (path) => Promise.resolve(readGeopackageFeatures(path, LAYERS)),
  leaves: () => ["a.gpkg"],
  readAttribution: (path) => {
    const db = new DatabaseSync(path, { readOnly: true });
    const rows = db.prepare("SELECT metadata FROM gpkg_metadata").all();
    db.close();
    const said = new Set(
      rows.map(({ metadata }) => (JSON.parse(String(metadata)) as { attribution: string }).attribution),
    );
    return Promise.resolve([...said].join());
  },
});
