/** How a method of a text becomes one of PROJ's. */
export interface ReadMethod {
  readonly method: string;
  /** Parameters that are always so. */
  readonly fixed?: Readonly<Record<string, number>>;
  /** Where this method puts a parameter elsewhere than `PARAMETER_KEYS` says. */
  readonly keys?: Readonly<Record<string, string>>;
  /** Parameters that this method counts the other way. */
  readonly negative?: readonly string[];
  /** Directions when the text has no axes. */
  readonly directions?: string;
}

const TS = { lat_1: "lat_ts" };
const OBLIQUE = { lon_0: "lonc" };

/** Methods by their names in OGC 01-009, GDAL, ESRI and EPSG (ISO 19162), in small letters and digits. */
const METHODS: Readonly<Record<string, ReadMethod>> = {
  transversemercator: { method: "tmerc" },
  gausskruger: { method: "tmerc" },
  transversemercatorcomplex: { method: "tmerc" },
  transversemercatorsouthorientated: { method: "tmerc", directions: "ws" },
  lambertconformalconic: { method: "lcc" },
  lambertconformalconic1sp: { method: "lcc" },
  lambertconformalconic2sp: { method: "lcc" },
  lambertconformalconic2spbelgium: { method: "lcc" },
  lambertconicconformal1sp: { method: "lcc" },
  lambertconicconformal2sp: { method: "lcc" },
  lambertconicconformal2spbelgium: { method: "lcc" },
  lambertconicconformal2spmichigan: { method: "lcc" },
  albers: { method: "aea" },
  albersconicequalarea: { method: "aea" },
  albersequalarea: { method: "aea" },
  cassini: { method: "cass" },
  cassinisoldner: { method: "cass" },
  hyperboliccassinisoldner: { method: "cass", fixed: { hyperbolic: 1 } },
  polarstereographic: { method: "stere", keys: { lat_0: "lat_ts" } },
  polarstereographicvarianta: { method: "stere" },
  polarstereographicvariantb: { method: "stere" },
  stereographicnorthpole: { method: "stere", fixed: { lat_0: 90 }, keys: TS },
  stereographicsouthpole: { method: "stere", fixed: { lat_0: -90 }, keys: TS },
  stereographic: { method: "stere" },
  obliquestereographic: { method: "sterea" },
  doublestereographic: { method: "sterea" },
  lambertazimuthalequalarea: { method: "laea" },
  mercator: { method: "merc", keys: TS },
  mercator1sp: { method: "merc" },
  mercator2sp: { method: "merc", keys: TS },
  mercatorvarianta: { method: "merc" },
  mercatorvariantb: { method: "merc", keys: TS },
  mercatorauxiliarysphere: { method: "webmerc" },
  popularvisualisationpseudomercator: { method: "webmerc" },
  hotineobliquemercator: { method: "omerc", fixed: { no_uoff: 1 }, keys: OBLIQUE },
  hotineobliquemercatorvarianta: { method: "omerc", fixed: { no_uoff: 1 }, keys: OBLIQUE },
  hotineobliquemercatorazimuthnaturalorigin: { method: "omerc", fixed: { no_uoff: 1 }, keys: OBLIQUE },
  rectifiedskeworthomorphicnaturalorigin: { method: "omerc", fixed: { no_uoff: 1 }, keys: OBLIQUE },
  hotineobliquemercatorazimuthcenter: { method: "omerc", keys: OBLIQUE },
  hotineobliquemercatorvariantb: { method: "omerc", keys: OBLIQUE },
  rectifiedskeworthomorphiccenter: { method: "omerc", keys: OBLIQUE },
  equirectangular: { method: "eqc", keys: TS },
  equidistantcylindrical: { method: "eqc", keys: TS },
  equidistantcylindricalspherical: { method: "eqc", keys: TS },
  platecarree: { method: "eqc", keys: TS },
  cylindricalequalarea: { method: "cea", keys: TS },
  lambertcylindricalequalarea: { method: "cea", keys: TS },
  polyconic: { method: "poly" },
  americanpolyconic: { method: "poly" },
  krovak: { method: "krovak", directions: "sw" },
  krovaknorthorientated: { method: "krovak" },
  newzealandmapgrid: { method: "nzmg" },
  equidistantconic: { method: "eqdc" },
  azimuthalequidistant: { method: "aeqd" },
  gnomonic: { method: "gnom" },
  orthographic: { method: "ortho" },
  sinusoidal: { method: "sinu" },
  mollweide: { method: "moll" },
  vandergrinten: { method: "vandg" },
  vandergrinteni: { method: "vandg" },
  equalearth: { method: "eqearth" },
  bonne: { method: "bonne", keys: { lat_0: "lat_1" } },
  bonnesouthorientated: { method: "bonne", keys: { lat_0: "lat_1" }, negative: ["x_0", "y_0"], directions: "sw" },
  lambertconicconformalwestorientated: { method: "lcc", negative: ["x_0"], directions: "wn" },
  lambertazimuthalequalareaspherical: { method: "laea" },
  behrmann: { method: "cea", fixed: { lat_ts: 30 } },
  igacplanocartesiano: { method: "col_urban" },
  colombiaurban: { method: "col_urban" },
};

/** PROJ's words by the names of parameters in OGC 01-009, ESRI and EPSG, in small letters and digits. */
const PARAMETER_KEYS: Readonly<Record<string, string>> = {
  latitudeoforigin: "lat_0",
  latitudeofcenter: "lat_0",
  latitudeofnaturalorigin: "lat_0",
  latitudeoffalseorigin: "lat_0",
  latitudeofprojectioncentre: "lat_0",
  centralmeridian: "lon_0",
  longitudeofcenter: "lon_0",
  longitudeoforigin: "lon_0",
  longitudeofnaturalorigin: "lon_0",
  longitudeoffalseorigin: "lon_0",
  longitudeofprojectioncentre: "lon_0",
  standardparallel1: "lat_1",
  latitudeof1ststandardparallel: "lat_1",
  latitudeofstandardparallel: "lat_ts",
  standardparallel2: "lat_2",
  latitudeof2ndstandardparallel: "lat_2",
  scalefactor: "k_0",
  scalefactoratnaturalorigin: "k_0",
  scalefactoroninitialline: "k_0",
  scalefactoratprojectioncentre: "k_0",
  scalefactoronpseudostandardparallel: "k_0",
  ellipsoidscalingfactor: "k_0",
  falseeasting: "x_0",
  eastingatfalseorigin: "x_0",
  eastingatprojectioncentre: "x_0",
  falsenorthing: "y_0",
  northingatfalseorigin: "y_0",
  northingatprojectioncentre: "y_0",
  azimuth: "alpha",
  azimuthofinitialline: "alpha",
  azimuthatprojectioncentre: "alpha",
  colatitudeofconeaxis: "alpha",
  rectifiedgridangle: "gamma",
  anglefromrectifiedtoskewgrid: "gamma",
  xyplanerotation: "gamma",
  pseudostandardparallel1: "pseudo",
  latitudeofpseudostandardparallel: "pseudo",
  projectionplaneoriginheight: "h_0",
  height: "h_0",
  auxiliaryspheretype: "sphere",
  xscale: "x_scale",
  yscale: "y_scale",
};

/** Small letters and digits alone. */
export const plainName = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");

/** undefined for a method that is not known. */
export function readMethodOf(name: string): ReadMethod | undefined {
  const plain = plainName(name);
  return Object.hasOwn(METHODS, plain) ? METHODS[plain] : undefined;
}

/** PROJ's word for a parameter, undefined when it is not known. */
export function parameterKeyOf(name: string): string | undefined {
  const plain = plainName(name);
  return Object.hasOwn(PARAMETER_KEYS, plain) ? PARAMETER_KEYS[plain] : undefined;
}
