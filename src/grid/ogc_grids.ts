import { getCrs, WEB_MERCATOR_EXTENT_M } from "../crs/index.ts";
import { quadGrid } from "./quad_grid.ts";
import { TileMatrixSet, type TileMatrix } from "./tile_matrix_set.ts";

/** A grid that is known by name. */
export interface KnownGrid {
  readonly id: string;
  readonly title: string;
  readonly crs: string;
  /** Other names, in lower case. */
  readonly aliases: readonly string[];
  /** null: its rows have different widths, so that it cannot be made. */
  readonly make: (() => TileMatrixSet) | null;
}

type QuadRow = readonly [
  id: string,
  title: string,
  crs: string,
  origin: readonly [x: number, y: number],
  tileSpan: number,
  size: { columns?: number; rows?: number; firstId?: number; levels?: number },
  aliases?: readonly string[],
];

/** Square of the polar grids around their false origin, metres. */
const UPS_ORIGIN = [-14_440_759.350252, 18_440_759.350252] as const;
const UPS_SPAN_M = 32_881_518.700504;

/** Length of the WGS 84 meridian from the equator to the pole times the scale of UTM, twice; and the false easting, metres. */
const UTM_SPAN_M = 20_003_931.4586255;
const UTM_FALSE_EASTING_M = 500_000;

/**
 * Quad trees of the OGC registry of tile matrix sets (17-083r4, annex D): longitude or easting first, in CRS units. The first two have more
 * levels here than there; WGS1984Quad is WorldCRS84Quad for those who say EPSG:4326.
 */
const QUADS: readonly QuadRow[] = [
  [
    "WebMercatorQuad",
    "Google Maps Compatible for the World",
    "EPSG:3857",
    [-WEB_MERCATOR_EXTENT_M, WEB_MERCATOR_EXTENT_M],
    2 * WEB_MERCATOR_EXTENT_M,
    { levels: 31 },
    ["googlemapscompatible", "global_mercator", "global_webmercator", "wm", "wm_sw"],
  ],
  ["WorldCRS84Quad", "CRS84 for the World", "OGC:CRS84", [-180, 90], 180, { columns: 2, levels: 31 }],
  ["WGS1984Quad", "EPSG:4326 for the World", "EPSG:4326", [-180, 90], 180, { columns: 2 }],
  [
    "WorldMercatorWGS84Quad",
    "World Mercator WGS84 (ellipsoid)",
    "EPSG:3395",
    [-WEB_MERCATOR_EXTENT_M, WEB_MERCATOR_EXTENT_M],
    2 * WEB_MERCATOR_EXTENT_M,
    { levels: 25 },
  ],
  [
    "UPSArcticWGS84Quad",
    "Universal Polar Stereographic WGS 84 Quad for Arctic",
    "EPSG:5041",
    UPS_ORIGIN,
    UPS_SPAN_M,
    { levels: 25 },
  ],
  [
    "UPSAntarcticWGS84Quad",
    "Universal Polar Stereographic WGS 84 Quad for Antarctic",
    "EPSG:5042",
    UPS_ORIGIN,
    UPS_SPAN_M,
    { levels: 25 },
  ],
  [
    "EuropeanETRS89_LAEAQuad",
    "Lambert Azimuthal Equal Area ETRS89 for Europe",
    "EPSG:3035",
    [2_000_000, 5_500_000],
    4_500_000,
    { levels: 16 },
  ],
];

/** Level 1 of the UTM grids is one tile wide and two high, so its first level is called 1. */
function utmGrid(zone: number): KnownGrid {
  const name = `UTM${String(zone).padStart(2, "0")}WGS84Quad`;
  const origin = [UTM_FALSE_EASTING_M - UTM_SPAN_M / 2, UTM_SPAN_M] as const;
  return quad([
    name,
    `Universal Transverse Mercator Zone ${zone} WGS84 Quad`,
    `EPSG:${32_600 + zone}`,
    origin,
    UTM_SPAN_M,
    { rows: 2, firstId: 1 },
    [`utm${zone}wgs84quad`],
  ]);
}

function quad([id, title, crs, pointOfOrigin, tileSpan, size, aliases = []]: QuadRow): KnownGrid {
  const { columns = 1, rows = 1, firstId = 0, levels = 24 } = size;
  const make = (): TileMatrixSet =>
    quadGrid({ id, title, crs: getCrs(crs), pointOfOrigin, tileSpan, columns, rows, firstId, maxZoom: levels - 1 });
  return { id, title, crs, aliases, make };
}

/** Scale denominators with the columns and rows that the registry has for them. */
const CANADIAN_LEVELS: readonly (readonly [scale: number, columns: number, rows: number])[] = [
  [145_000_000, 5, 5],
  [85_000_000, 8, 8],
  [50_000_000, 13, 14],
  [30_000_000, 21, 22],
  [17_500_000, 36, 38],
  [10_000_000, 62, 66],
  [6_000_000, 103, 110],
  [3_500_000, 177, 188],
  [2_000_000, 309, 329],
  [1_200_000, 515, 548],
  [700_000, 882, 938],
  [420_000, 1470, 1563],
  [250_000, 2469, 2626],
  [145_000, 4257, 4528],
  [85_000, 7262, 7723],
  [50_000, 12_344, 13_130],
  [30_000, 20_574, 21_882],
  [17_500, 35_269, 37_512],
  [10_000, 61_720, 65_646],
  [6000, 102_866, 109_409],
  [3500, 176_341, 187_558],
  [2000, 308_596, 328_227],
  [1200, 514_327, 547_044],
  [700, 881_703, 937_790],
  [420, 1_469_505, 1_562_983],
  [250, 2_468_768, 2_625_811],
];

/** The registry's cell sizes are those of 96 dots for an inch of 1/39.37 m: 145,000,000 is 38,364.66 m here and not the 40,600 m of 0.28 mm. */
const CANADIAN_PIXEL_M = 1 / 39.37 / 96;

const canadian: KnownGrid = {
  id: "CanadianNAD83_LCC",
  title: "Lambert conformal conic NAD83 for Canada",
  crs: "EPSG:3978",
  aliases: [],
  make() {
    const matrices = CANADIAN_LEVELS.map(([scaleDenominator, matrixWidth, matrixHeight], z): TileMatrix => ({
      id: String(z),
      scaleDenominator,
      cellSize: scaleDenominator * CANADIAN_PIXEL_M,
      pointOfOrigin: [-34_655_800, 39_310_000],
      tileWidth: 256,
      tileHeight: 256,
      matrixWidth,
      matrixHeight,
    }));
    return new TileMatrixSet({ id: canadian.id, title: canadian.title, crs: getCrs(canadian.crs), matrices });
  },
};

function variable(id: string, title: string): KnownGrid {
  return { id, title, crs: "EPSG:4326", aliases: [], make: null };
}

/** The registry, in the order in which a grid is recognised. The documents exist for each of the 60 UTM zones with the numbers of zone 31. */
export const OGC_GRIDS: readonly KnownGrid[] = [
  ...QUADS.map(quad),
  utmGrid(31),
  canadian,
  variable("GNOSISGlobalGrid", "GNOSIS Global Grid"),
  variable("CDB1GlobalGrid", "CDB 1 Global Grid"),
];

/** The UTM zones beside zone 31, which stands for them in lists. */
export const OTHER_UTM_GRIDS: readonly KnownGrid[] = Array.from({ length: 60 }, (_, index) => index + 1)
  .filter((zone) => zone !== 31)
  .map(utmGrid);
