// Writes src/crs/epsg_table.ts: every projected and geographic 2D system of the EPSG dataset that the package epsg-index holds, trimmed to what a
// projection needs. Run after an update of epsg-index:  node scripts/make_epsg_table.ts
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

/** One entry of epsg-index: `bbox` is north, west, south, east. */
interface IndexEntry {
  code: string;
  kind: string;
  name: string;
  wkt: string | null;
  proj4: string | null;
  bbox: [number, number, number, number] | null;
  unit: string | null;
}

type Words = Map<string, string>;

/** Above are codes of other authorities. */
const LAST_EPSG_CODE = 32767;

/** The well-known text of epsg-index leaves the axes out wherever they are not east, north: these have no northing as their first axis all the same. */
const FIRST_AXIS_IS_X = new Set(
  (
    "2046-2055 2218 2221 2296 2299 2301 2303-2307 2985-2986 3052-3053 3144-3145 3173 5017 3031-3032 3275-3293 3413 3571-3576 3976 3995-3996 5041-5042 5513 5936-5940 6931-6932 8044-8045 8352 9354 " +
    "22275 22277 22279 22281 22283 22285 22287 22289 22291 22293 29371 29373 29375 29377 29379 29381 29383 29385"
  )
    .split(" ")
    .flatMap((range) => {
      const [first, last] = range.split("-").map(Number) as [number, number?];
      return Array.from({ length: (last ?? first) - first + 1 }, (_, i) => first + i);
    }),
);

/** Systems without well-known text whose first axis is the northing (EPSG coordinate systems 4400 and 4530). */
const NORTHING_FIRST = /^(3139|517[0-2]|5169|62[4-7]\d|9895|2739[1-8]|2970[12]|3125[1-3]|3128[1389]|3129\d|31289)$/;

/** Geographic systems whose first axis is the longitude. */
const LONGITUDE_FIRST = new Set(["7035", "7037", "7039", "7041", "7084", "7086", "7133", "8902", "9779", "9784"]);

/** Inverse flattening and name by PROJ's word, for systems without well-known text. */
const ELLIPSOIDS: Readonly<Record<string, string>> = {
  "6377492.018": "Bessel Modified,6377492.018,299.1528128",
  GRS80: "GRS 1980,6378137,298.257222101",
  WGS84: "WGS 84,6378137,298.257223563",
  bessel: "Bessel 1841,6377397.155,299.1528128",
  clrk66: "Clarke 1866,6378206.4,294.978698213898",
  clrk80ign: "Clarke 1880 (IGN),6378249.2,293.466021293627",
  intl: "International 1924,6378388,297",
  krass: "Krassowsky 1940,6378245,298.3",
};

/** Degrees from Greenwich by PROJ's word (EPSG prime meridians 8902 to 8913). */
const MERIDIANS: Readonly<Record<string, string>> = {
  lisbon: "Lisbon,-9.13190611111111",
  paris: "Paris,2.33722917",
  bogota: "Bogota,-74.0809166666667",
  madrid: "Madrid,-3.68793888888889",
  rome: "Rome,12.4523333333333",
  bern: "Bern,7.43958333333333",
  jakarta: "Jakarta,106.807719444444",
  ferro: "Ferro,-17.6666666666667",
  brussels: "Brussels,4.367975",
  stockholm: "Stockholm,18.0582777777778",
  athens: "Athens,23.7163375",
  oslo: "Oslo,10.7229166666667",
};

/** Text values kept once, referred to by number. */
class Dictionary {
  readonly values: string[] = [];
  readonly #index = new Map<string, number>();
  add(value: string): string {
    let at = this.#index.get(value);
    if (at === undefined) {
      at = this.values.push(value) - 1;
      this.#index.set(value, at);
    }
    return at.toString(36);
  }
}

function wordsOf(proj: string): Words {
  return new Map(
    proj.split(" ").map((word) => {
      const [key, value] = word.slice(1).split("=") as [string, string?];
      return [key, value ?? "1"];
    }),
  );
}

const number = (text: string): string => String(Number(text)).replace(/^(-?)0\./, "$1.");

/** West, south, east, north. */
function area(entry: IndexEntry): string {
  const [north, west, south, east] = entry.bbox ?? [90, -180, -90, 180];
  return [west, south, east, north].map((value) => number(String(value))).join(",");
}

function ellipsoidOf(entry: IndexEntry, words: Words): string {
  const spheroid = /SPHEROID\["([^"]+)",([\d.]+),([\d.]+)/.exec(entry.wkt ?? "");
  if (spheroid !== null) return spheroid.slice(1).join(",");
  const known = ELLIPSOIDS[words.get("datum") ?? words.get("ellps") ?? words.get("a") ?? ""];
  if (known !== undefined) return known;
  const a = Number(words.get("a"));
  const rf = words.has("rf") ? Number(words.get("rf")) : a / (a - Number(words.get("b")));
  return `${words.get("name") ?? "unnamed"},${a},${rf}`;
}

function meridianOf(entry: IndexEntry, words: Words): string {
  const meridian = words.get("pm");
  if (meridian !== undefined) {
    const named = /\((\w+)\)/.exec(entry.name)?.[1] ?? "unnamed";
    return MERIDIANS[meridian] ?? `${named},${number(meridian)}`;
  }
  return "";
}

/** `null` when the system cannot be projected with what epsg-index says. */
function projectionOf(words: Words, methods: Dictionary): [method: string, values: string] | null {
  const method = words.get("proj");
  if (method === undefined) return null;
  const keys = [...words.keys()].filter((key) => PARAMETERS.has(key));
  const values = keys.map((key) => number(words.get(key) as string)).join(",");
  const names = keys.map((key) => (key === "k" ? "k_0" : key)).join(",");
  return [methods.add([method, words.get("axis") ?? "", names].join(" ")), values];
}

const PARAMETERS = new Set(
  "zone south lat_0 lon_0 lonc lat_1 lat_2 lat_ts k k_0 x_0 y_0 alpha azi gamma h_0 no_uoff hyperbolic".split(" "),
);

interface Tables {
  ellipsoids: Dictionary;
  areas: Dictionary;
  methods: Dictionary;
  geographic: string[];
  projected: string[];
}

function unitOf(entry: IndexEntry, words: Words): string {
  const units = entry.unit?.startsWith("degree") ? "" : entry.unit;
  if (units !== null && units !== undefined) return units === "metre" ? "" : units;
  const byWord: Readonly<Record<string, string>> = { m: "", "us-ft": "US survey foot", ft: "foot" };
  return byWord[words.get("units") ?? "m"] ?? "";
}

/** Two systems that count to the south and west, which epsg-index leaves out. */
const SOUTH_WEST = new Set(["8044", "8045"]);

/** West orientated systems whose first axis is the westing; the others of their kind have the northing first. */
const WESTING_FIRST = new Set(["3052", "3053"]);

/** The proj string of epsg-index, or one out of its well-known text for three methods that it cannot say. */
function projOf(entry: IndexEntry): string | null {
  if (entry.proj4 !== null) return SOUTH_WEST.has(entry.code) ? `${entry.proj4} +axis=swu` : entry.proj4;
  const wkt = entry.wkt ?? "";
  const get = (name: string): number => Number(new RegExp(`PARAMETER\\["${name}",([^\\]]+)\\]`).exec(wkt)?.[1] ?? 0);
  const [lat, lon] = [get("Latitude of natural origin"), get("Longitude of natural origin")];
  const [east, north] = [get("False easting"), get("False northing")];
  if (wkt.includes("Lambert_Conic_Conformal_(West_Orientated)")) {
    const axis = WESTING_FIRST.has(entry.code) ? "wnu" : "nwu";
    const k = get("Scale factor at natural origin");
    return `+proj=lcc +axis=${axis} +lat_1=${lat} +lat_0=${lat} +lon_0=${lon} +k_0=${k} +x_0=${-east} +y_0=${north}`;
  }
  if (wkt.includes("Bonne_(South_Orientated)")) {
    return `+proj=bonne +axis=swu +lat_1=${lat} +lon_0=${lon} +x_0=${-east} +y_0=${-north}`;
  }
  return wkt.includes("Polar_Stereographic_(variant_C)") ? polarVariantC(wkt, get) : null;
}

/** EPSG method 9830: the false origin lies on the standard parallel, not at the pole. */
function polarVariantC(wkt: string, get: (name: string) => number): string {
  const [, major, inverse] = /SPHEROID\["[^"]+",([\d.]+),([\d.]+)/.exec(wkt) ?? [];
  const [a, rf] = [Number(major), Number(inverse)];
  const lat = get("Latitude of standard parallel");
  const phi = (lat * Math.PI) / 180;
  const radius = (a * Math.cos(phi)) / Math.sqrt(1 - ((2 - 1 / rf) / rf) * Math.sin(phi) ** 2);
  const [east, north] = [get("Easting at false origin"), get("Northing at false origin") - radius];
  return `+proj=stere +lat_0=-90 +lat_ts=${lat} +lon_0=${get("Longitude of origin")} +x_0=${east} +y_0=${north}`;
}

/** `code|name|datum|ellipsoid|prime meridian|grid|area|unit|axes` */
function geographicLine(entry: IndexEntry, tables: Tables): string | null {
  if (entry.proj4 === null) return null;
  const words = wordsOf(entry.proj4);
  const datum = /DATUM\["([^"]+)"/.exec(entry.wkt ?? "")?.[1] ?? entry.name.replaceAll(/\W+/g, "_");
  const grid = words.get("nadgrids") ?? "";
  return [
    entry.code,
    entry.name,
    datum === entry.name.replaceAll(/\W+/g, "_") ? "" : datum,
    tables.ellipsoids.add(ellipsoidOf(entry, words)),
    meridianOf(entry, words),
    grid.replaceAll('"', ""),
    tables.areas.add(area(entry)),
    unitOf(entry, words),
    LONGITUDE_FIRST.has(entry.code) ? "x" : "",
  ].join("|");
}

function northingFirst(entry: IndexEntry): boolean {
  if (entry.wkt === null) return NORTHING_FIRST.test(entry.code);
  return !entry.wkt.includes("AXIS[") && !FIRST_AXIS_IS_X.has(Number(entry.code));
}

function baseOf(entry: IndexEntry, codes: ReadonlyMap<string, string>): string | undefined {
  const written = /AUTHORITY\["EPSG","(\d+)"\]\],PROJECTION/.exec(entry.wkt ?? "")?.[1];
  return written ?? codes.get(entry.name.split(" / ")[0] as string);
}

/** `code|name|geographic|method|values|area|unit|axes`; `~` at the beginning of a name is the name of the geographic system. */
function projectedLine(entry: IndexEntry, codes: ReadonlyMap<string, string>, tables: Tables): string | null {
  const base = baseOf(entry, codes);
  const proj = projOf(entry);
  if (proj === null || base === undefined) return null;
  const words = wordsOf(proj);
  const projection = projectionOf(words, tables.methods);
  if (projection === null) return null;
  const baseName = [...codes].find(([, code]) => code === base)?.[0] ?? "";
  const name =
    baseName !== "" && entry.name.startsWith(baseName) ? `~${entry.name.slice(baseName.length)}` : entry.name;
  const axes = northingFirst(entry) ? "y" : "";
  return [entry.code, name, base, ...projection, tables.areas.add(area(entry)), unitOf(entry, words), axes].join("|");
}

/** The text of `src/crs/epsg_table.ts`. */
export function makeEpsgTable(index: Readonly<Record<string, IndexEntry>>): string {
  const entries = Object.values(index).filter((entry) => Number(entry.code) <= LAST_EPSG_CODE);
  const tables: Tables = {
    ellipsoids: new Dictionary(),
    areas: new Dictionary(),
    methods: new Dictionary(),
    geographic: [],
    projected: [],
  };
  const geographic = entries.filter(({ kind }) => kind === "CRS-GEOGCRS");
  const codes = new Map(geographic.map(({ name, code }) => [name, code]));
  for (const entry of geographic) pushLine(tables.geographic, geographicLine(entry, tables));
  for (const entry of entries.filter(({ kind }) => kind === "CRS-PROJCRS")) {
    pushLine(tables.projected, projectedLine(entry, codes, tables));
  }
  return tableText(tables);
}

function pushLine(lines: string[], line: string | null): void {
  if (line !== null) lines.push(line.replace(/\|+$/, ""));
}

function tableText(tables: Tables): string {
  const block = (name: string, comment: string, lines: readonly string[]): string =>
    `\n/** ${comment} */\nexport const ${name} = \`\n${lines.join("\n")}\n\`;\n`;
  return [
    "// Made by scripts/make_epsg_table.ts out of epsg-index 2.0.0 (EPSG dataset, terms: https://epsg.org/terms-of-use.html). Do not edit.\n",
    block("ELLIPSOIDS", "name,a,rf", tables.ellipsoids.values),
    block("AREAS", "west,south,east,north", tables.areas.values),
    block("METHODS", "method axes keys", tables.methods.values),
    block("GEOGRAPHIC", "code|name|datum|ellipsoid|prime meridian|grid|area|unit|axes", tables.geographic),
    block("PROJECTED", "code|name|geographic|method|values|area|unit|axes", tables.projected),
  ].join("");
}

/** epsg-index, as it is installed. */
export function readEpsgIndex(): Record<string, IndexEntry> {
  return JSON.parse(readFileSync(createRequire(import.meta.url).resolve("epsg-index/all.json"), "utf8"));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(new URL("../src/crs/epsg_table.ts", import.meta.url), makeEpsgTable(readEpsgIndex()));
}
