import type { LonLatBbox } from "../../geo/index.ts";

/** Which kind of document described the service. */
export type ServiceKind = "wmts" | "wms" | "arcgis" | "tms" | "tilejson" | "ogcTiles";

/** What a service says of itself, whatever protocol it speaks. JSON-safe; inheritance is not written out: see `inheritLayer`. */
export interface ServiceDescription {
  readonly kind: ServiceKind;
  readonly title: string;
  readonly abstract: string;
  /** As the document says: `1.3.0`, `1.0.0`, `10.91`; "" when it says nothing. */
  readonly version: string;
  readonly provider: string;
  /** Constraints on access or attribution, as the service words them. */
  readonly attribution: string;
  readonly layers: readonly ServiceLayer[];
  readonly matrixSets: readonly ServiceMatrixSet[];
  readonly limits: ServiceLimits;
  /** URLs to which key-value requests for tiles or maps go, best first; absolute. */
  readonly endpoints: readonly string[];
  /** What was left out or read otherwise than written, and why. */
  readonly skipped: readonly Skipped[];
}

export interface Skipped {
  readonly what: string;
  readonly reason: string;
}

/** Bounds on one request (WMS 1.3.0: OGC 06-042, 7.2.4.3); null = not said. */
export interface ServiceLimits {
  /** Pixels. */
  readonly maxWidth: number | null;
  readonly maxHeight: number | null;
  /** Layers in one request. */
  readonly layerLimit: number | null;
}

/** A layer, or a group of layers that has no name of its own. */
export interface ServiceLayer {
  /** What a request names; null for a group that cannot be asked for. */
  readonly name: string | null;
  readonly title: string;
  readonly abstract: string;
  /** Index of the group around it in `layers`; null at the top. */
  readonly parent: number | null;
  readonly styles: readonly ServiceStyle[];
  /** MIME types. */
  readonly formats: readonly string[];
  /** Lon/lat degrees; null = not said here. */
  readonly bounds: LonLatBbox | null;
  /** Coordinate reference systems as the service writes them (WMS); for others the matrix sets say. */
  readonly crs: readonly string[];
  readonly matrixSets: readonly MatrixSetLink[];
  readonly dimensions: readonly ServiceDimension[];
  readonly templates: readonly TileTemplate[];
  /** Description of this layer in a document of its own; absolute URL. */
  readonly link: string | null;
  readonly opaque: boolean;
  /** The service asks another one for it, and that one others ... (WMS, `cascaded`). */
  readonly cascaded: boolean;
  /** Denominators between which the layer is drawn; null = not said. */
  readonly minScale: number | null;
  readonly maxScale: number | null;
  readonly attribution: string;
}

export interface ServiceStyle {
  readonly name: string;
  readonly title: string;
  readonly isDefault: boolean;
}

export interface ServiceDimension {
  readonly name: string;
  readonly units: string;
  /** "" = not said. */
  readonly default: string;
  /** Single values and intervals `start/end/step`. */
  readonly values: readonly string[];
  /** The service takes the nearest value for one that it does not have. */
  readonly nearest: boolean;
}

/** A matrix set that a layer has tiles in. */
export interface MatrixSetLink {
  readonly id: string;
  /** Only there tiles exist; null = everywhere. */
  readonly limits: readonly TileMatrixLimits[] | null;
  /** Description of the layer in this set, in a document of its own; absolute URL. */
  readonly link: string | null;
}

/** Inclusive, in tiles; rows from the service's own corner (OGC 17-083r4, 7). */
export interface TileMatrixLimits {
  readonly matrix: string;
  readonly minRow: number;
  readonly maxRow: number;
  readonly minCol: number;
  readonly maxCol: number;
}

/** URL of tiles with placeholders {TileMatrix} {TileRow} {TileCol} {Style} {TileMatrixSet}, and dimensions by name. */
export interface TileTemplate {
  readonly format: string;
  readonly template: string;
  /** The one set, or the one matrix, that it serves; null = all. */
  readonly matrixSet: string | null;
  readonly matrix: string | null;
}

/** A tile matrix set as it was written; `resolveMatrixSet` makes a grid of it. */
export interface ServiceMatrixSet {
  readonly id: string;
  readonly title: string;
  /** As written: a URN, a URI, `EPSG:3857`; "" when it is not said. */
  readonly crs: string;
  readonly matrices: readonly ServiceMatrix[];
  /** Why no grid can be made of it, whatever its CRS; null when nothing is known against it. */
  readonly problem: string | null;
  /** Where it is defined, when not here; absolute URL. */
  readonly link: string | null;
}

export interface ServiceMatrix {
  readonly id: string;
  /** One of the two is there: by the pixel of 0.28 mm, or CRS units for one pixel. */
  readonly scaleDenominator: number | null;
  readonly cellSize: number | null;
  /** Corner of tile 0/0, numbers in the order in which they stand. */
  readonly corner: readonly [first: number, second: number];
  /** `authority`: as the CRS defines its axes. */
  readonly cornerOrder: "authority" | "xy" | "yx";
  /** Rows count from there. */
  readonly cornerOfOrigin: "topLeft" | "bottomLeft";
  /** Pixels. */
  readonly tileWidth: number;
  readonly tileHeight: number;
  /** Tiles. */
  readonly matrixWidth: number;
  readonly matrixHeight: number;
}

export const NO_LIMITS: ServiceLimits = { maxWidth: null, maxHeight: null, layerLimit: null };

/** A layer with whatever it does not say left empty. */
export function makeLayer(known: Partial<ServiceLayer> & Pick<ServiceLayer, "name" | "title">): ServiceLayer {
  return {
    abstract: "",
    parent: null,
    styles: [],
    formats: [],
    bounds: null,
    crs: [],
    matrixSets: [],
    dimensions: [],
    templates: [],
    link: null,
    opaque: false,
    cascaded: false,
    minScale: null,
    maxScale: null,
    attribution: "",
    ...known,
  };
}

/** A description with whatever it does not say left empty. */
export function makeDescription(
  known: Partial<ServiceDescription> & Pick<ServiceDescription, "kind">,
): ServiceDescription {
  return {
    title: "",
    abstract: "",
    version: "",
    provider: "",
    attribution: "",
    layers: [],
    matrixSets: [],
    limits: NO_LIMITS,
    endpoints: [],
    skipped: [],
    ...known,
  };
}
