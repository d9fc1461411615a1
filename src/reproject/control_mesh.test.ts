import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { getCrs } from "../crs/index.ts";
import { buildControlMesh, DEFAULT_MAX_ERROR_PIXELS, type ControlBlock } from "./control_mesh.ts";
import { apply, blockAt, CRS_PAIRS, placeAt, placesAround, positionIn, type CrsPair } from "./fixtures/places.ts";
import { createPixelTransform, type PixelTransform } from "./raster_place.ts";

const SIDE = 256;
/** Half the width of the web mercator square, metres. */
const HALF_WORLD = 20_037_508.342_789_244;

/** Source pixels between what a block says of a pixel and the exact transform; NaN when only one of them has an image. */
function errorAt(transform: PixelTransform, block: ControlBlock, x: number, y: number): number {
  const [meshX, meshY] = positionIn(block, x, y);
  const [exactX = 0, exactY = 0] = apply(transform, [x + 0.5, y + 0.5]);
  if (Number.isNaN(meshX) && Number.isNaN(exactX)) return 0;
  const turns = transform.period === null ? 0 : transform.period * Math.round((exactX - meshX) / transform.period);
  return Math.hypot(exactX - turns - meshX, exactY - meshY);
}

const share = fc.double({ min: 0, max: 1, noNaN: true });
const anywhere = fc.record({
  pair: fc.constantFrom(...CRS_PAIRS),
  lon: share,
  lat: share,
  // Pixels of 0.1 m to 10 km.
  cellM: fc.double({ min: -1, max: 4, noNaN: true }).map((power) => 10 ** power),
  pixels: fc.array(fc.tuple(fc.nat(SIDE - 1), fc.nat(SIDE - 1)), { minLength: 40, maxLength: 40 }),
});

function pointOf({ area: [west, south, east, north] }: CrsPair, lon: number, lat: number): [number, number] {
  return [west + lon * (east - west), south + lat * (north - south)];
}

/** Worst error over every block of tiles at `places` deterministic points of the pair's area. */
function worstError(pair: CrsPair, cellM: number, places: number): number {
  let worst = 0;
  for (let i = 0; i < places; i++) {
    // Kronecker's sequence: evenly spread, the same each time.
    const point = pointOf(pair, (i * 0.754_877_666) % 1, (i * 0.569_840_291) % 1);
    const { transform } = placesAround(pair, point, cellM);
    for (const block of buildControlMesh(transform, SIDE, SIDE)) {
      for (const [s, t] of [
        [0.5, 0.5],
        [0.21, 0.79],
        [0.05, 0.4],
      ] as const) {
        const [x, y] = [block.x + Math.floor(s * block.width), block.y + Math.floor(t * block.height)];
        worst = Math.max(worst, errorAt(transform, block, x, y));
      }
    }
  }
  return worst;
}

describe("buildControlMesh", () => {
  test("is within an eighth of a pixel, for any pair, place and size of pixels", () => {
    const within = fc.property(anywhere, ({ pair, lon, lat, cellM, pixels }) => {
      const { transform } = placesAround(pair, pointOf(pair, lon, lat), cellM);
      const blocks = buildControlMesh(transform, SIDE, SIDE);
      for (const [x, y] of pixels)
        expect(errorAt(transform, blockAt(blocks, x, y), x, y)).toBeLessThanOrEqual(DEFAULT_MAX_ERROR_PIXELS);
    });
    fc.assert(within, { seed: 20_261_124, numRuns: 150 });
  });

  test("is within any bound that is asked for", () => {
    const asked = fc.record({ anywhere, bound: fc.double({ min: 0.001, max: 4, noNaN: true }) });
    const within = fc.property(asked, ({ anywhere: { pair, lon, lat, cellM, pixels }, bound }) => {
      const { transform } = placesAround(pair, pointOf(pair, lon, lat), cellM);
      const blocks = buildControlMesh(transform, SIDE, SIDE, bound);
      for (const [x, y] of pixels) expect(errorAt(transform, blockAt(blocks, x, y), x, y)).toBeLessThanOrEqual(bound);
    });
    fc.assert(within, { seed: 7, numRuns: 60 });
  });

  // A tenth of the bound is what is aimed at, and what docs/internals/reprojection-error.md gives figures of.
  describe.each(CRS_PAIRS)("from $source to $destination", (pair) => {
    test.each([9784, 611, 38, 2.4, 0.15])("is within 0.0125 pixel at %d m a pixel", (cellM) => {
      const worst = worstError(pair, cellM, 4);
      expect(worst).toBeLessThanOrEqual(0.0125);
    });
  });

  test("measures with few points: a tile of 26 m a pixel in Switzerland takes at most 16 squares", () => {
    const [swiss] = CRS_PAIRS as [CrsPair];
    const blocks = buildControlMesh(placesAround(swiss, [8.2, 46.8], 26).transform, SIDE, SIDE);
    expect(blocks.length).toBeLessThanOrEqual(16);
    expect(blocks.every(({ kind }) => kind === "mesh")).toBe(true);
  });

  test("a shift and a change of scale are one square, exact", () => {
    const mercator = getCrs("EPSG:3857");
    const transform = createPixelTransform(placeAt(mercator, 0, 0, 3), placeAt(mercator, -50, 20, 2));
    const [block, ...more] = buildControlMesh(transform, SIDE, SIDE);
    expect(more).toEqual([]);
    expect(block).toMatchObject({ x: 0, y: 0, width: SIDE, height: SIDE, kind: "mesh", scale: [1.5, 1.5] });
    expect([...(block?.positions ?? [])]).toEqual([25, 10, 25 + 384, 10, 25, 10 + 384, 25 + 384, 10 + 384]);
  });

  test.each([
    [1, 1],
    [7, 300],
    [300, 7],
    [257, 255],
    [600, 520],
  ])("covers %d x %d pixels, each once", (width, height) => {
    const { transform } = placesAround(CRS_PAIRS[0] as CrsPair, [7, 47], 300);
    const seen = new Uint8Array(width * height);
    for (const block of buildControlMesh(transform, width, height)) {
      const squares = Math.ceil(Math.max(block.width, block.height) / block.size);
      const corners = block.kind === "mesh" ? Math.sqrt(block.positions.length / 2) : 0;
      if (block.kind === "points") expect(block.positions).toHaveLength(2 * block.width * block.height);
      else expect(corners).toBeGreaterThanOrEqual(squares + 1);
      expect(corners % 1).toBe(0);
      for (let y = 0; y < block.height; y++)
        for (let x = 0; x < block.width; x++) seen[(block.y + y) * width + block.x + x]! += 1;
    }
    expect(seen.every((count) => count === 1)).toBe(true);
  });
});

describe("blocks", () => {
  // Web Mercator bends 16 px squares of a world map in degrees by more than the bound.
  const { transform } = placesAround({ source: "EPSG:3857", destination: "OGC:CRS84" }, [10, 60], 700);

  test("of equal squares are kept together, in squares of 64 pixels", () => {
    const blocks = buildControlMesh(transform, 256, 256);
    expect(blocks.some(({ size, width }) => size < width)).toBe(true);
    expect(blocks.every(({ width, height }) => width <= 64 && height <= 64)).toBe(true);
    expect(blocks.length).toBeLessThanOrEqual(32);
  });

  test("say for the pixels of each square what the square alone would", () => {
    const [group] = buildControlMesh(transform, 64, 64);
    const squares = Math.sqrt((group?.positions.length ?? 0) / 2) - 1;
    expect(squares).toBeGreaterThan(1);
    for (const [x, y] of [
      [0, 0],
      [63, 0],
      [17, 40],
      [63, 63],
    ] as const)
      expect(errorAt(transform, group as ControlBlock, x, y)).toBeLessThanOrEqual(0.0125);
  });
});

describe("where there is no image", () => {
  // LAEA Europe is a disc; 100 km a pixel shows all of it and what is beyond.
  const laea = getCrs("EPSG:3035");
  const lonLat = getCrs("OGC:CRS84");
  const transform = createPixelTransform(
    placeAt(laea, 4_321_000 - 12.8e6, 3_210_000 + 12.8e6, 100_000),
    placeAt(lonLat, -180, 90, 1),
  );
  const blocks = buildControlMesh(transform, SIDE, SIDE);

  test("pixels are NaN, the others exact, to the very rim", () => {
    let lost = 0;
    for (let y = 0; y < SIDE; y++) {
      for (let x = 0; x < SIDE; x++) {
        const block = blockAt(blocks, x, y);
        expect(errorAt(transform, block, x, y)).toBeLessThanOrEqual(DEFAULT_MAX_ERROR_PIXELS);
        if (Number.isNaN(positionIn(block, x, y)[0])) lost += 1;
      }
    }
    // The disc has twice the Earth's radius: pi (2 x 6,371 km)^2 of 25,600^2 km2 is 0.778; outside of it 14,535 pixels.
    expect(lost / SIDE ** 2).toBeCloseTo(1 - (Math.PI * 12_742 ** 2) / 25_600 ** 2, 2);
  });

  test("blocks are of points", () => {
    const broken = blocks.filter(({ positions }) => positions.some(Number.isNaN));
    expect(broken.length).toBeGreaterThan(100);
    expect(broken.every(({ kind }) => kind === "points")).toBe(true);
  });

  test("a block without any has no scale", () => {
    const [corner] = blocks as [ControlBlock];
    expect(corner.positions.every(Number.isNaN)).toBe(true);
    expect(corner.scale).toEqual([Number.NaN, Number.NaN]);
  });
});

describe("a source that goes around the Earth", () => {
  const pacific = getCrs("EPSG:3832");
  const across = placeAt(pacific, HALF_WORLD / 6 - 128 * 600, 5e6, 600);

  test.each([
    ["OGC:CRS84", 600 / 111_319.49, 360],
    ["EPSG:3857", 600, 2 * HALF_WORLD],
  ])("%s: columns go on across 180 degrees", (code, cell, turn) => {
    const source = getCrs(code);
    const transform = createPixelTransform(
      across,
      placeAt(source, source.kind === "geographic" ? -180 : -HALF_WORLD, 0, cell),
    );
    expect(transform.period).toBeCloseTo(turn / cell, 6);
    const period = transform.period as number;
    const blocks = buildControlMesh(transform, SIDE, SIDE);
    // One row of exact columns jumps back by a turn somewhere ...
    const exact = Array.from({ length: SIDE }, (_, x) => apply(transform, [x + 0.5, 100.5])[0] as number);
    expect(Math.max(...exact) - Math.min(...exact)).toBeGreaterThan(0.9 * period);
    // ... those of each block do not.
    for (const block of blocks) {
      const columns = Array.from({ length: block.width }, (_, x) => positionIn(block, block.x + x, block.y)[0]);
      expect(Math.max(...columns) - Math.min(...columns)).toBeLessThan(2 * block.width);
      for (const [x, y] of [
        [0, 0],
        [block.width - 1, block.height - 1],
      ] as const)
        expect(errorAt(transform, block, block.x + x, block.y + y)).toBeLessThanOrEqual(DEFAULT_MAX_ERROR_PIXELS);
    }
  });

  test("around a pole columns are within half a turn of the block's first", () => {
    const pair = { source: "OGC:CRS84", destination: "EPSG:3031" };
    const { transform } = placesAround(pair, [0, -90], 500);
    const period = transform.period as number;
    for (const { positions } of buildControlMesh(transform, SIDE, SIDE)) {
      const first = positions[0] as number;
      for (let i = 0; i < positions.length; i += 2)
        expect(Math.abs((positions[i] as number) - first)).toBeLessThanOrEqual(period / 2 + 1e-6);
    }
  });

  test("a source of one country does not", () => {
    expect(createPixelTransform(across, placeAt(getCrs("EPSG:2056"), 0, 0, 10)).period).toBeNull();
    expect(createPixelTransform(across, placeAt(getCrs("EPSG:3413"), 0, 0, 10)).period).toBeNull();
  });
});
