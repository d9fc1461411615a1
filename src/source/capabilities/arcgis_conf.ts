import { TilthError } from "../../core/index.ts";
import { arcgisMatrixSet } from "./arcgis_scheme.ts";
import { makeDescription, makeLayer, type ServiceDescription } from "./service_description.ts";
import { child, children, descend, finite, words, type XmlNode } from "./xml_tree.ts";

/** The scheme of a cache on disk, `conf.xml` (root CacheInfo): levels and formats, but no service to ask. @throws `source.invalid` */
export function parseArcgisConf(root: XmlNode): ServiceDescription {
  const info = child(root, "TileCacheInfo");
  if (info === null) throw new TilthError("source.invalid", "expected an ArcGIS cache with <TileCacheInfo>, got none");
  const reference = child(info, "SpatialReference");
  const number = (node: XmlNode | null, name: string): number | null => finite(words(node, name));
  const rows = number(info, "TileRows") ?? 256;
  const set = arcgisMatrixSet({
    wkid: words(reference, "LatestWKID") || words(reference, "WKID"),
    origin: [number(child(info, "TileOrigin"), "X"), number(child(info, "TileOrigin"), "Y")],
    rows,
    cols: number(info, "TileCols") ?? rows,
    lods: children(descend(info, "LODInfos"), "LODInfo").map((lod) => ({
      id: words(lod, "LevelID"),
      resolution: number(lod, "Resolution"),
    })),
  });
  const format = words(child(root, "TileImageInfo"), "CacheTileFormat");
  const layer = makeLayer({
    name: "tiles",
    title: "ArcGIS cache",
    formats: format === "" ? [] : [format],
    matrixSets: [{ id: set.id, limits: null, link: null }],
  });
  const reason = "the file describes a cache on disk; give the URL of its MapServer to fetch from it";
  return makeDescription({
    kind: "arcgis",
    title: "ArcGIS cache",
    layers: [layer],
    matrixSets: [set],
    skipped: [{ what: "tile URLs", reason }],
  });
}
