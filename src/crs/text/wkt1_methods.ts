import type { ProjectionMethod } from "../definition.ts";

/** One projection as well-known text of OGC 01-009 in GDAL's dialect names it; parameters in GDAL's order, each with PROJ's word. */
export interface Wkt1Method {
  readonly name: string;
  readonly parameters: readonly (readonly [name: string, key: string])[];
}

const ORIGIN: Wkt1Method["parameters"] = [
  ["latitude_of_origin", "lat_0"],
  ["central_meridian", "lon_0"],
];
const CENTER: Wkt1Method["parameters"] = [
  ["latitude_of_center", "lat_0"],
  ["longitude_of_center", "lon_0"],
];
const PARALLELS: Wkt1Method["parameters"] = [
  ["standard_parallel_1", "lat_1"],
  ["standard_parallel_2", "lat_2"],
];
const SCALE = ["scale_factor", "k_0"] as const;
const MERIDIAN = ["central_meridian", "lon_0"] as const;

const OBLIQUE: Wkt1Method["parameters"] = [
  ["latitude_of_center", "lat_0"],
  ["longitude_of_center", "lonc"],
  ["azimuth", "alpha"],
  ["rectified_grid_angle", "gamma"],
  SCALE,
];

/** Methods with one name for each of PROJ's. */
const METHODS: Readonly<Record<string, Wkt1Method>> = {
  aea: { name: "Albers_Conic_Equal_Area", parameters: [...PARALLELS, ...CENTER] },
  aeqd: { name: "Azimuthal_Equidistant", parameters: CENTER },
  bonne: { name: "Bonne", parameters: [["standard_parallel_1", "lat_1"], MERIDIAN] },
  cass: { name: "Cassini_Soldner", parameters: ORIGIN },
  cea: { name: "Cylindrical_Equal_Area", parameters: [["standard_parallel_1", "lat_ts"], MERIDIAN] },
  eqc: { name: "Equirectangular", parameters: [["standard_parallel_1", "lat_ts"], ...ORIGIN] },
  eqdc: { name: "Equidistant_Conic", parameters: [...CENTER, ...PARALLELS] },
  gnom: { name: "Gnomonic", parameters: ORIGIN },
  laea: { name: "Lambert_Azimuthal_Equal_Area", parameters: CENTER },
  mill: { name: "Miller_Cylindrical", parameters: CENTER },
  moll: { name: "Mollweide", parameters: [MERIDIAN] },
  nzmg: { name: "New_Zealand_Map_Grid", parameters: ORIGIN },
  ortho: { name: "Orthographic", parameters: ORIGIN },
  poly: { name: "Polyconic", parameters: ORIGIN },
  sinu: { name: "Sinusoidal", parameters: [["longitude_of_center", "lon_0"]] },
  sterea: { name: "Oblique_Stereographic", parameters: [...ORIGIN, SCALE] },
  vandg: { name: "VanDerGrinten", parameters: [MERIDIAN] },
};

const KROVAK: Wkt1Method["parameters"] = [
  ...CENTER,
  ["azimuth", "alpha"],
  ["pseudo_standard_parallel_1", "pseudo"],
  SCALE,
];

/** Methods whose name hangs on the parameters or the directions of the axes. */
function namedByParameters({ method, parameters: p }: ProjectionMethod, directions: string): Wkt1Method | undefined {
  if (method === "tmerc") {
    const name = directions === "ws" ? "Transverse_Mercator_South_Orientated" : "Transverse_Mercator";
    return directions === "en" || directions === "ws" ? { name, parameters: [...ORIGIN, SCALE] } : undefined;
  }
  if (method === "krovak") return { name: "Krovak", parameters: KROVAK };
  if (directions !== "en") return undefined;
  if (method === "lcc") return lambert(p);
  if (method === "merc") return mercator(p);
  if (method === "stere") return stereographic(p);
  if (method === "omerc")
    return { name: p["no_uoff"] === 1 ? HOTINE : `${HOTINE}_Azimuth_Center`, parameters: OBLIQUE };
  return method === "somerc" ? { name: `${HOTINE}_Azimuth_Center`, parameters: OBLIQUE } : undefined;
}

const HOTINE = "Hotine_Oblique_Mercator";
type Values = Readonly<Record<string, number>>;

function lambert(p: Values): Wkt1Method | undefined {
  if (p["lat_2"] === undefined) return { name: "Lambert_Conformal_Conic_1SP", parameters: [...ORIGIN, SCALE] };
  return (p["k_0"] ?? 1) === 1
    ? { name: "Lambert_Conformal_Conic_2SP", parameters: [...ORIGIN, ...PARALLELS] }
    : undefined;
}

function mercator(p: Values): Wkt1Method | undefined {
  if (p["lat_ts"] === undefined) return { name: "Mercator_1SP", parameters: [MERIDIAN, SCALE] };
  return (p["k_0"] ?? 1) === 1
    ? { name: "Mercator_2SP", parameters: [["standard_parallel_1", "lat_ts"], MERIDIAN] }
    : undefined;
}

function stereographic(p: Values): Wkt1Method {
  if (Math.abs(p["lat_0"] ?? 0) !== 90) return { name: "Stereographic", parameters: [...ORIGIN, SCALE] };
  const latitude = p["lat_ts"] === undefined ? "lat_0" : "lat_ts";
  return { name: "Polar_Stereographic", parameters: [["latitude_of_origin", latitude], MERIDIAN, SCALE] };
}

/** Parameters by EPSG's names: what GDAL writes and PROJ reads for methods that the dialect has no words for. */
const NATURAL: Wkt1Method["parameters"] = [
  ["Latitude of natural origin", "lat_0"],
  ["Longitude of natural origin", "lon_0"],
];
const NATURAL_FALSE: Wkt1Method["parameters"] = [
  ["False easting", "x_0"],
  ["False northing", "y_0"],
];
const MICHIGAN: Wkt1Method = {
  name: "Lambert_Conic_Conformal_(2SP_Michigan)",
  parameters: [
    ["Latitude of false origin", "lat_0"],
    ["Longitude of false origin", "lon_0"],
    ["Latitude of 1st standard parallel", "lat_1"],
    ["Latitude of 2nd standard parallel", "lat_2"],
    ["Easting at false origin", "x_0"],
    ["Northing at false origin", "y_0"],
    ["Ellipsoid scaling factor", "k_0"],
  ],
};
const URBAN: Wkt1Method = {
  name: "Colombia_Urban",
  parameters: [...NATURAL, ...NATURAL_FALSE, ["Projection plane origin height", "h_0"]],
};
const EQUAL_EARTH: Wkt1Method = {
  name: "Equal_Earth",
  parameters: [["Longitude of natural origin", "lon_0"], ...NATURAL_FALSE],
};

function namedByEpsg({ method, parameters }: ProjectionMethod): Wkt1Method | undefined {
  if (method === "cass" && parameters["hyperbolic"] === 1) {
    return { name: "Hyperbolic_Cassini-Soldner", parameters: [...NATURAL, ...NATURAL_FALSE] };
  }
  if (method === "lcc" && parameters["lat_2"] !== undefined && (parameters["k_0"] ?? 1) !== 1) return MICHIGAN;
  return method === "col_urban" ? URBAN : method === "eqearth" ? EQUAL_EARTH : undefined;
}

/** undefined when the dialect has no name for it: then a proj string stands in an EXTENSION node. */
export function wkt1MethodOf(projection: ProjectionMethod, directions: string): Wkt1Method | undefined {
  const named = namedByParameters(projection, directions);
  if (named !== undefined) return named;
  if (directions !== "en" && projection.method !== "cass") return undefined;
  const byEpsg = namedByEpsg(projection);
  if (byEpsg !== undefined) return byEpsg;
  return Object.hasOwn(METHODS, projection.method) ? METHODS[projection.method] : undefined;
}
