import type { Crs } from "../crs/index.ts";

/** Where the image of lon/lat is finite and in one piece. Degrees. */
export interface CrsDomain {
  /** Latitudes beyond these have no image, or one beyond 10^10 units. */
  readonly south: number;
  readonly north: number;
  /** Meridian along which the map is cut open, such as that opposite of a cone's middle; null when it is 180 or there is none. */
  readonly cutLon: number | null;
  /** True when the map is cut open along the far half of the equator (transverse Mercator beyond the pole). */
  readonly cutEquator: boolean;
}

/** Images further out are taken as infinite: 10^10 metres are 250 times around the Earth. */
const FAR = 1e10;

/** Two points as near as 10^-9 degrees (0.1 mm) whose images are further apart than this lie on both sides of a cut, metres. */
const JUMP_M = 10;

/** Degrees that a border keeps from a cut or from the antimeridian, so that it falls on its own side of it. */
export const CUT_MARGIN_DEG = 1e-9;

/** Systems whose longitudes go on beyond 180 degrees and whose latitudes are cut to their square, so that every point has an image. */
const ENDLESS: readonly string[] = ["EPSG:3857", "EPSG:4326", "OGC:CRS84"];

export const isEndless = ({ code }: Crs): boolean => ENDLESS.includes(code);

const domains = new WeakMap<Crs, CrsDomain>();

/** Found by asking the CRS along some meridians and parallels; once for each system. */
export function domainOf(crs: Crs): CrsDomain {
  let domain = domains.get(crs);
  if (domain === undefined) {
    domain = findDomain(crs);
    domains.set(crs, domain);
  }
  return domain;
}

function findDomain(crs: Crs): CrsDomain {
  const [west, south, east, north] = crs.areaOfUse;
  const middle = { lon: wrapLon((west + (east > west ? east : east + 360)) / 2), lat: (south + north) / 2 };
  const [lowest, highest] = [findLastLatitude(crs, middle, -90), findLastLatitude(crs, middle, 90)];
  return {
    south: lowest,
    north: highest,
    cutLon: findCutMeridian(crs, middle.lat),
    cutEquator: [-150, -120, 120, 150].some((offset) => isCutAtEquator(crs, wrapLon(middle.lon + offset))),
  };
}

const wrapLon = (lon: number): number => (lon > 180 ? lon - 360 : lon < -180 ? lon + 360 : lon);

/** Latitude from the middle of the area of use towards a pole up to which eight meridians have an image. */
function findLastLatitude(crs: Crs, middle: { lon: number; lat: number }, pole: number): number {
  const lons = Array.from({ length: 8 }, (_, index) => wrapLon(middle.lon + index * 45 - 157.5));
  const whole = (lat: number): boolean => lons.every((lon) => isNear(crs.fromLonLat(lon, lat)));
  if (whole(pole) || !whole(middle.lat)) return pole;
  let [inside, outside] = [middle.lat, pole];
  for (let step = 0; step < 50; step++) {
    const between = (inside + outside) / 2;
    if (whole(between)) inside = between;
    else outside = between;
  }
  return inside;
}

// Written so that NaN is 'no'.
const isNear = ([x, y]: readonly [number, number]): boolean => Math.abs(x) <= FAR && Math.abs(y) <= FAR;

/** The meridian that is a cut on all parallels that were tried and have one. */
function findCutMeridian(crs: Crs, latitude: number): number | null {
  const cuts = [latitude, latitude + 20, latitude - 20]
    .filter((lat) => Math.abs(lat) < 85)
    .flatMap((lat) => findJumps(crs, lat));
  const [first] = cuts;
  return first !== undefined && cuts.every((cut) => Math.abs(cut - first) < 1e-6) ? first : null;
}

/** Longitudes on a parallel, strictly within -180..180, where the image jumps. */
function findJumps(crs: Crs, lat: number): number[] {
  const points = Array.from({ length: 361 }, (_, index) =>
    crs.fromLonLat(index === 0 ? -180 + CUT_MARGIN_DEG : index === 360 ? 180 - CUT_MARGIN_DEG : index - 180, lat),
  );
  const steps = points.slice(1).map((point, index) => distance(point, points[index] ?? point));
  const usual = steps.filter(Number.isFinite).toSorted((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 0;
  return steps.flatMap((step, index) => {
    if (!(step > usual * 3)) return [];
    const cut = bisectJump(crs, lat, index - 180, index - 179);
    return cut === null || Math.abs(cut) > 180 - 1e-6 ? [] : [cut];
  });
}

function bisectJump(crs: Crs, lat: number, west: number, east: number): number | null {
  let [a, b] = [west, east];
  let [imageA, imageB] = [crs.fromLonLat(a, lat), crs.fromLonLat(b, lat)];
  while (b - a > CUT_MARGIN_DEG / 2) {
    const between = (a + b) / 2;
    const image = crs.fromLonLat(between, lat);
    if (distance(imageA, image) > distance(image, imageB)) [b, imageB] = [between, image];
    else [a, imageA] = [between, image];
  }
  return distance(imageA, imageB) * crs.metresPerUnit > JUMP_M ? (a + b) / 2 : null;
}

function isCutAtEquator(crs: Crs, lon: number): boolean {
  const [above, below] = [CUT_MARGIN_DEG, -CUT_MARGIN_DEG].map((lat) => crs.fromLonLat(lon, lat)) as [
    [number, number],
    [number, number],
  ];
  return distance(above, below) * crs.metresPerUnit > JUMP_M;
}

const distance = (a: readonly [number, number], b: readonly [number, number]): number =>
  Math.hypot(a[0] - b[0], a[1] - b[1]);
