import type { Ellipsoid } from "../definition.ts";

/** Units by PROJ's word, as EPSG names them. */
export const UNITS: Readonly<Record<string, string>> = {
  m: "metre",
  km: "kilometre",
  ft: "foot",
  "us-ft": "US survey foot",
  link: "link",
};

/** Geographic systems of EPSG by PROJ's word for the datum. */
export const DATUMS: Readonly<Record<string, number>> = {
  WGS84: 4326,
  NAD83: 4269,
  NAD27: 4267,
  GGRS87: 4121,
  potsdam: 4314,
  carthage: 4223,
  hermannskogel: 4312,
  ire65: 4299,
  nzgd49: 4272,
  OSGB36: 4277,
};

/** Degrees from Greenwich (EPSG prime meridians 8901 to 8913; Paris is 2.5969213 grads). */
export const MERIDIANS: Readonly<Record<string, number>> = {
  greenwich: 0,
  lisbon: -9.131906111111,
  paris: 2.337229166667,
  bogota: -74.080916666667,
  madrid: -3.687938888889,
  rome: 12.452333333333,
  bern: 7.439583333333,
  jakarta: 106.807719444444,
  ferro: -17.666666666667,
  brussels: 4.367975,
  stockholm: 18.058277777778,
  athens: 23.7163375,
  oslo: 10.722916666667,
};

const ellipsoid = (name: string, a: number, rf: number): Ellipsoid => ({ name, a, rf });

/** Figures of the Earth by PROJ's word (EPSG ellipsoids). */
export const ELLIPSOIDS: Readonly<Record<string, Ellipsoid>> = {
  WGS84: ellipsoid("WGS 84", 6_378_137, 298.257223563),
  GRS80: ellipsoid("GRS 1980", 6_378_137, 298.257222101),
  WGS72: ellipsoid("WGS 72", 6_378_135, 298.26),
  GRS67: ellipsoid("GRS 1967", 6_378_160, 298.247167427),
  aust_SA: ellipsoid("Australian National Spheroid", 6_378_160, 298.25),
  intl: ellipsoid("International 1924", 6_378_388, 297),
  krass: ellipsoid("Krassowsky 1940", 6_378_245, 298.3),
  bessel: ellipsoid("Bessel 1841", 6_377_397.155, 299.1528128),
  airy: ellipsoid("Airy 1830", 6_377_563.396, 299.3249646),
  mod_airy: ellipsoid("Airy Modified 1849", 6_377_340.189, 299.3249646),
  clrk66: ellipsoid("Clarke 1866", 6_378_206.4, 294.978698213898),
  clrk80: ellipsoid("Clarke 1880 mod.", 6_378_249.145, 293.4663),
  clrk80ign: ellipsoid("Clarke 1880 (IGN)", 6_378_249.2, 293.466021293627),
  evrst30: ellipsoid("Everest 1830", 6_377_276.345, 300.8017),
  evrst48: ellipsoid("Everest 1830 (1948)", 6_377_304.063, 300.8017),
  evrst69: ellipsoid("Everest 1830 (1969)", 6_377_295.664, 300.8017),
  evrstSS: ellipsoid("Everest 1830 (1967 Definition)", 6_377_298.556, 300.8017),
  bess_nam: ellipsoid("Bessel Namibia", 6_377_483.865, 299.1528128),
  hough: ellipsoid("Hough 1960", 6_378_270, 297),
  IAU76: ellipsoid("IAG 1975", 6_378_140, 298.257),
  NWL9D: ellipsoid("NWL 9D", 6_378_145, 298.25),
  helmert: ellipsoid("Helmert 1906", 6_378_200, 298.3),
  GSK2011: ellipsoid("GSK-2011", 6_378_136.5, 298.2564151),
  sphere: ellipsoid("sphere", 6_370_997, 0),
};
