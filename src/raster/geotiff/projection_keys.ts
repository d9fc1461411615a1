/** Keys of a projection's parameters, and how well-known text names each. */
const STANDARD_1: Parameter = [3078, "standard_parallel_1"];
const STANDARD_2: Parameter = [3079, "standard_parallel_2"];
const LONGITUDE = "central_meridian";
const LATITUDE = "latitude_of_origin";
const FALSE: readonly Parameter[] = [
  [3082, "false_easting"],
  [3083, "false_northing"],
];
const SCALE: Parameter = [3092, "scale_factor"];
const NATURAL: readonly Parameter[] = [
  [3081, LATITUDE],
  [3080, LONGITUDE],
];
const CENTER: readonly Parameter[] = [
  [3089, "latitude_of_center"],
  [3088, "longitude_of_center"],
];

type Parameter = readonly [key: number, name: string];

export interface KeyedMethod {
  readonly name: string;
  readonly parameters: readonly Parameter[];
}

/** Codes of ProjMethodGeoKey (GeoTIFF 1.0, 6.3.3.3) as methods of OGC 01-009. */
export const METHODS: Readonly<Record<number, KeyedMethod>> = {
  1: { name: "Transverse_Mercator", parameters: [...NATURAL, SCALE, ...FALSE] },
  3: {
    name: "Hotine_Oblique_Mercator",
    parameters: [...CENTER, [3094, "azimuth"], [3096, "rectified_grid_angle"], [3093, "scale_factor"], ...FALSE],
  },
  7: { name: "Mercator_1SP", parameters: [...NATURAL, SCALE, ...FALSE] },
  8: {
    name: "Lambert_Conformal_Conic_2SP",
    parameters: [
      STANDARD_1,
      STANDARD_2,
      [3085, LATITUDE],
      [3084, LONGITUDE],
      [3086, "false_easting"],
      [3087, "false_northing"],
    ],
  },
  9: { name: "Lambert_Conformal_Conic_1SP", parameters: [...NATURAL, SCALE, ...FALSE] },
  10: { name: "Lambert_Azimuthal_Equal_Area", parameters: [...CENTER, ...FALSE] },
  11: {
    name: "Albers_Conic_Equal_Area",
    parameters: [STANDARD_1, STANDARD_2, [3081, "latitude_of_center"], [3080, "longitude_of_center"], ...FALSE],
  },
  12: { name: "Azimuthal_Equidistant", parameters: [...CENTER, ...FALSE] },
  13: {
    name: "Equidistant_Conic",
    parameters: [STANDARD_1, STANDARD_2, [3081, "latitude_of_center"], [3080, "longitude_of_center"], ...FALSE],
  },
  14: { name: "Stereographic", parameters: [[3089, LATITUDE], [3088, LONGITUDE], [3093, "scale_factor"], ...FALSE] },
  15: { name: "Polar_Stereographic", parameters: [[3081, LATITUDE], [3095, LONGITUDE], SCALE, ...FALSE] },
  16: { name: "Oblique_Stereographic", parameters: [...NATURAL, SCALE, ...FALSE] },
  17: { name: "Equirectangular", parameters: [STANDARD_1, [3089, LATITUDE], [3088, LONGITUDE], ...FALSE] },
  18: { name: "Cassini_Soldner", parameters: [...NATURAL, ...FALSE] },
  19: { name: "Gnomonic", parameters: [[3089, LATITUDE], [3088, LONGITUDE], ...FALSE] },
  20: { name: "Miller_Cylindrical", parameters: [...CENTER, ...FALSE] },
  21: { name: "Orthographic", parameters: [[3089, LATITUDE], [3088, LONGITUDE], ...FALSE] },
  22: { name: "Polyconic", parameters: [...NATURAL, ...FALSE] },
  23: { name: "Robinson", parameters: [[3088, "longitude_of_center"], ...FALSE] },
  24: { name: "Sinusoidal", parameters: [[3088, "longitude_of_center"], ...FALSE] },
  25: { name: "VanDerGrinten", parameters: [[3088, LONGITUDE], ...FALSE] },
  28: { name: "Cylindrical_Equal_Area", parameters: [STANDARD_1, [3080, LONGITUDE], ...FALSE] },
};

/** Where writers put what another key should hold: origin and centre are mixed up in old files. */
export const STAND_INS: Readonly<Record<number, readonly number[]>> = {
  3080: [3088, 3084, 3095],
  3081: [3089, 3085],
  3088: [3080, 3084],
  3089: [3081, 3085],
  3084: [3080, 3088],
  3085: [3081, 3089],
  3086: [3082, 3090],
  3087: [3083, 3091],
  3082: [3086, 3090],
  3083: [3087, 3091],
  3095: [3080, 3088],
  3092: [3093],
  3093: [3092],
};
