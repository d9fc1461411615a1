// The registry of coordinate systems against PROJ's cs2cs on this machine: 1,000 random points of each area of use, both ways.
// node bench/crs_accuracy.ts                     a table with the worst difference of each system; ends with 1 when one is over the bar
// node bench/crs_accuracy.ts --fixture FILE      writes the points of src/crs/fixtures/proj_points.json instead
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createTransform, getCrs, listCrs, type Crs } from "../src/crs/index.ts";

const POINTS = 1000;
/** Metres on the plane; the same on the ground for degrees. */
const BAR_M = 0.001;
const METRES_OF_DEGREE = 111_320;

/** One system with each method, unit, meridian and order of axes of EPSG; where a datum is crossed, EPSG has one way without grid. */
const PLANE =
  "4258:25832 4258:3067 4171:2154 4277:27700 4150:2056 4149:21781 4289:28992 4313:31370 4258:3035 4156:5514 4156:5513 4312:31287 4258:2180 " +
  "4180:3301 4669:3346 4121:2100 4237:23700 4258:3763 4674:5880 5527:5530 4326:3395 4326:3031 4326:3413 4326:3995 4326:32661 4167:2193 " +
  "4283:28355 4283:3112 4272:27200 4269:3005 4269:3347 4269:5070 4267:9311 4269:2229 4269:26915 6318:6350 4326:32633 4326:32721 4148:2048 " +
  "4751:3167 4298:29873 4751:3168 4326:3832 4686:6244 4748:3139 4281:28191 4326:8857 4157:2066 4168:2136 4243:24370 4179:3844 4275:27572 " +
  "4805:31251 4801:21780 4267:6201 4326:4087 4284:3388";
const DATUMS =
  "4326:2193 4326:3763 4326:2100 4326:3301 4326:3006 4326:2393 4326:3021 4326:2326 4326:3121 4326:5235 4326:6312 4326:2002 4326:3819";

interface Case {
  from: Crs;
  to: Crs;
}

const casesOf = (list: string): Case[] =>
  list.split(" ").map((pair) => {
    const [from, to] = pair.split(":").map((code) => getCrs(`EPSG:${code}`)) as [Crs, Crs];
    return { from, to };
  });

/** Repeatable numbers from 0 to 1 (a linear congruence modulo 2^32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
}

/** Points of the area of use in the unit of a geographic system, x first; the outermost hundredth is left out. */
function pointsIn({ from, to }: Case, count: number): Float64Array {
  const random = randomNumbers(Number(to.code.slice(5)));
  const [west, south, east, north] = to.areaOfUse;
  const width = east < west ? east - west + 360 : east - west;
  const unit = from.unit === "grad" ? 0.9 : 1;
  return Float64Array.from({ length: count * 2 }, (_, i) => {
    const part = 0.01 + 0.98 * random();
    if (i % 2 === 1) return (south + (north - south) * part) / unit;
    const lon = west + width * part;
    return (lon > 180 ? lon - 360 : lon) / unit;
  });
}

/** null when cs2cs refuses the pair. */
function byProj({ from, to }: Case, coords: Float64Array): Float64Array | null {
  const lines = Array.from({ length: coords.length / 2 }, (_, i) => {
    const [x, y] = [coords[i * 2], coords[i * 2 + 1]];
    return from.axisOrder === "yx" ? `${y} ${x}` : `${x} ${y}`;
  });
  const run = spawnSync("cs2cs", ["-f", "%.10f", from.code, to.code], {
    input: `${lines.join("\n")}\n`,
    encoding: "utf8",
    env: { ...process.env, PROJ_NETWORK: "OFF" },
    maxBuffer: 1 << 26,
  });
  if (run.error !== undefined || run.status !== 0) return null;
  const swapped = to.axisOrder === "yx";
  const pairs = run.stdout
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  return Float64Array.from(pairs.flatMap(([a = NaN, b = NaN]) => (swapped ? [b, a] : [a, b])));
}

/** Largest distance in metres; longitudes may differ by a whole turn. */
function worstOf(crs: Crs, a: Float64Array, b: Float64Array): number {
  const size = crs.kind === "projected" ? crs.metresPerUnit : METRES_OF_DEGREE * (crs.unit === "grad" ? 0.9 : 1);
  const turn = crs.unit === "grad" ? 400 : 360;
  let worst = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs((a[i] as number) - (b[i] as number));
    const near =
      crs.kind === "geographic" && i % 2 === 0 ? Math.min(difference, Math.abs(difference - turn)) : difference;
    worst = Number.isNaN(near) ? Number.POSITIVE_INFINITY : Math.max(worst, near * size);
  }
  return worst;
}

interface Row {
  pair: string;
  forwardM: number;
  /** From PROJ's way back, or from the point itself where that is nearer. */
  inverseM: number;
  /** PROJ's own way there and back: before 9.6 it is up to 1.7 mm off in equal-area projections. */
  projRoundTripM: number;
  roundTripM: number;
  millionPerS: number;
}

function measure(item: Case): Row | null {
  const start = pointsIn(item, POINTS);
  const expected = byProj(item, start);
  const expectedBack = expected === null ? null : byProj({ from: item.to, to: item.from }, expected);
  if (expected === null || expectedBack === null) return null;
  const there = start.slice();
  const back = expected.slice();
  createTransform(item.from, item.to).apply(there);
  createTransform(item.to, item.from).apply(back);
  const round = there.slice();
  createTransform(item.to, item.from).apply(round);
  return {
    pair: `${item.from.code} ${item.to.code}`,
    forwardM: worstOf(item.to, there, expected),
    inverseM: Math.min(worstOf(item.from, back, expectedBack), worstOf(item.from, back, start)),
    projRoundTripM: worstOf(item.from, expectedBack, start),
    roundTripM: worstOf(item.from, round, start),
    millionPerS: speedOf(item, start),
  };
}

function speedOf({ from, to }: Case, start: Float64Array): number {
  const transform = createTransform(from, to);
  const rounds = 100;
  const copies = Array.from({ length: rounds }, () => start.slice());
  const began = performance.now();
  for (const copy of copies) transform.apply(copy);
  return (rounds * POINTS) / (performance.now() - began) / 1000;
}

const millimetres = (metres: number): string => (metres * 1000).toFixed(4).padStart(12);

function print(row: Row): boolean {
  const good = row.forwardM <= BAR_M && row.inverseM <= BAR_M;
  const figures = [row.forwardM, row.inverseM, row.roundTripM, row.projRoundTripM].map(millimetres).join("");
  console.log(`${row.pair.padEnd(24)}${figures}${row.millionPerS.toFixed(2).padStart(10)}  ${good ? "good" : "OVER"}`);
  return good;
}

function compare(): void {
  console.log(
    `${listCrs().length} systems; ${POINTS} points each; millimetres from PROJ, the way there and back, and PROJ's own`,
  );
  console.log(
    `${"from, to".padEnd(24)}${["there", "back", "round trip", "PROJ's trip"].map((word) => word.padStart(12)).join("")}${"M points/s".padStart(12)}`,
  );
  let bad = 0;
  for (const item of [...casesOf(PLANE), ...casesOf(DATUMS)]) {
    const row = measure(item);
    if (row === null) console.log(`${item.from.code} ${item.to.code}: cs2cs refuses`);
    if (row !== null && !print(row)) bad++;
  }
  console.log(bad === 0 ? `all within ${BAR_M * 1000} mm` : `${bad} over ${BAR_M * 1000} mm`);
  process.exitCode = bad === 0 ? 0 : 1;
}

/** Three points for each pair, rounded to 1e-9 degree on the way in. */
function writeFixture(path: string): void {
  const rows = [...casesOf(PLANE), ...casesOf(DATUMS)].flatMap((item) => {
    const points = pointsIn(item, 3).map((value) => Number(value.toFixed(9)));
    const image = byProj(item, points);
    return image === null ? [] : [{ from: item.from.code, to: item.to.code, points: [...points], image: [...image] }];
  });
  writeFileSync(path, `[\n${rows.map((row) => JSON.stringify(row)).join(",\n")}\n]\n`);
  console.log(`${rows.length} pairs`);
}

const version = spawnSync("cs2cs", [], { encoding: "utf8" });
const fixture = process.argv.indexOf("--fixture");
if (version.error !== undefined) {
  console.log("cs2cs is not installed (Debian: proj-bin): nothing to compare with");
  process.exitCode = 1;
} else if (fixture > 0) writeFixture(process.argv[fixture + 1] as string);
else {
  console.log(version.stderr.split("\n")[0]);
  compare();
}
