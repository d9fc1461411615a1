export { importOsm, type ImportOptions, type ImportProgress, type ImportReport } from "./import/import_osm.ts";
export type { ClipStrategy, FeaturePlan, WantedArea } from "./import/feature_plan.ts";
export type { Finding } from "./import/report.ts";
export { openOsmFile } from "./input/open_input.ts";
export type { OsmInput } from "./input/osm_input.ts";
export { openOverpass, DEFAULT_OVERPASS, type OpenOverpassOptions } from "./overpass/open_overpass.ts";
export type { CellProgress } from "./overpass/fetch_cells.ts";
export { planLayers, type LayerPlan, type LayerScheme } from "./tags/layer_plan.ts";
export { parseTagFilters, type TagFilter } from "./tags/tag_filter.ts";
