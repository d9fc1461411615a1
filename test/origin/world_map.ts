import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import sharp from "sharp";
import { feature, mesh } from "topojson-client";
import type { GeometryCollection, Topology } from "topojson-specification";
import type { OriginTile, TileProvider } from "./origin_server.ts";
import { clipLine, clipRing, type Point } from "./clip.ts";

/** A part of the map in the unit square of web mercator (0,0 = top left). */
interface Shape {
  rings: Point[][];
  colour: string;
  minX: number;
  minY: number;
  maxX: number;
  maxY: number;
}

interface Scale {
  countries: Shape[];
  borders: Point[][];
}

type Detail = "110m" | "50m" | "10m";

const LAND_COLOURS = ["#e8dfc8", "#dfe3c4", "#e6d3c1", "#d9dfd0", "#ece3d4", "#d8d4c0"];
const SEA_COLOUR = "#b7d3e3";

const scales = new Map<Detail, Scale>();

/** Real tiles of the world at any zoom: Natural Earth countries, their borders and a graticule; no fonts. */
export function worldTiles(): TileProvider {
  return async (z, x, y, scale): Promise<OriginTile | null> => {
    if (z > 22 || x >= 2 ** z || y >= 2 ** z) return null;
    return { data: await drawTile(z, x, y, 256 * scale), mimeType: "image/png" };
  };
}

async function drawTile(z: number, x: number, y: number, size: number): Promise<Buffer> {
  const { countries, borders } = loadScale(z <= 2 ? "110m" : z <= 5 ? "50m" : "10m");
  const span = 2 ** -z;
  const view = { minX: x * span, minY: y * span, maxX: (x + 1) * span, maxY: (y + 1) * span };
  const toPixel = ([px, py]: Point): string =>
    `${(((px - view.minX) / span) * size).toFixed(1)},${(((py - view.minY) / span) * size).toFixed(1)}`;
  const margin = span * 0.02;
  const box = {
    minX: view.minX - margin,
    minY: view.minY - margin,
    maxX: view.maxX + margin,
    maxY: view.maxY + margin,
  };
  const path = (points: readonly Point[]): string => `M${points.map(toPixel).join("L")}`;
  const land = countries
    .filter((shape) => shape.minX < box.maxX && shape.maxX > box.minX && shape.minY < box.maxY && shape.maxY > box.minY)
    .map((shape) => {
      const d = shape.rings
        .map((ring) => clipRing(ring, box))
        .filter((ring) => ring.length > 2)
        .map((ring) => `${path(ring)}Z`)
        .join("");
      return d === ""
        ? ""
        : `<path d="${d}" fill="${shape.colour}" fill-rule="evenodd" stroke="#7d8f99" stroke-width="0.6"/>`;
    });
  const lines = borders
    .flatMap((line) => clipLine(line, box))
    .map(path)
    .join("");
  const grid = graticule(z)
    .flatMap((line) => clipLine(line, box))
    .map(path)
    .join("");
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}"><rect width="${size}" height="${size}" fill="${SEA_COLOUR}"/>${land.join("")}<path d="${grid}" fill="none" stroke="#5f86a0" stroke-width="0.5" stroke-opacity="0.5"/><path d="${lines}" fill="none" stroke="#a08a78" stroke-width="0.8"/></svg>`;
  return sharp(Buffer.from(svg)).removeAlpha().png({ compressionLevel: 6 }).toBuffer();
}

function loadScale(detail: Detail): Scale {
  let scale = scales.get(detail);
  if (scale === undefined) {
    scale = readScale(detail);
    scales.set(detail, scale);
  }
  return scale;
}

type Countries = Topology<{ countries: GeometryCollection }>;

function readScale(detail: Detail): Scale {
  const path = createRequire(import.meta.url).resolve(`world-atlas/countries-${detail}.json`);
  const topology = JSON.parse(readFileSync(path, "utf8")) as Countries;
  const { countries } = topology.objects;
  const shapes = feature(topology, countries).features.flatMap(({ geometry }, index) => toShapes(geometry, index));
  const borders = mesh(topology, countries, (a, b) => a !== b).coordinates.map((line) => line.map(project));
  return { countries: shapes, borders };
}

function toShapes(geometry: { type: string; coordinates?: unknown }, index: number): Shape[] {
  const colour = LAND_COLOURS[index % LAND_COLOURS.length] ?? "#dddddd";
  const polygons =
    geometry.type === "Polygon" ? [geometry.coordinates] : geometry.type === "MultiPolygon" ? geometry.coordinates : [];
  return (polygons as number[][][][]).flatMap((polygon) => {
    const rings = polygon.map((ring) => unwrapRing(ring).map(project));
    const shape = { rings, colour, ...extentOf(rings[0] ?? []) };
    return [
      shape,
      ...(shape.maxX > 1 ? [shiftShape(shape, -1)] : []),
      ...(shape.minX < 0 ? [shiftShape(shape, 1)] : []),
    ];
  });
}

/** Rings that cross the antimeridian jump by 360 degrees there; they are made to go on beyond 180 (unless they go round a pole). */
function unwrapRing(ring: readonly number[][]): number[][] {
  let shift = 0;
  let before = ring[0]?.[0] ?? 0;
  const unwrapped = ring.map(([lon = 0, lat = 0]) => {
    if (lon - before > 180) shift -= 360;
    if (before - lon > 180) shift += 360;
    before = lon;
    return [lon + shift, lat];
  });
  return shift === 0 ? unwrapped : ring.map((position) => [...position]);
}

function shiftShape(shape: Shape, by: number): Shape {
  const rings = shape.rings.map((ring) => ring.map(([x, y]): Point => [x + by, y]));
  return { ...shape, rings, minX: shape.minX + by, maxX: shape.maxX + by };
}

function extentOf(ring: readonly Point[]): Pick<Shape, "minX" | "minY" | "maxX" | "maxY"> {
  const extent = { minX: Infinity, minY: Infinity, maxX: -Infinity, maxY: -Infinity };
  for (const [x, y] of ring) {
    extent.minX = Math.min(extent.minX, x);
    extent.maxX = Math.max(extent.maxX, x);
    extent.minY = Math.min(extent.minY, y);
    extent.maxY = Math.max(extent.maxY, y);
  }
  return extent;
}

function project(position: readonly number[]): Point {
  const [lon = 0, lat = 0] = position;
  const sin = Math.sin((Math.max(-85.0511, Math.min(85.0511, lat)) * Math.PI) / 180);
  return [lon / 360 + 0.5, 0.5 - Math.log((1 + sin) / (1 - sin)) / (4 * Math.PI)];
}

/** Meridians and parallels, closer with the zoom. */
function graticule(z: number): Point[][] {
  const step = z <= 2 ? 30 : z <= 4 ? 10 : z <= 7 ? 5 : 1;
  const lines: Point[][] = [];
  for (let lon = -180; lon <= 180; lon += step) lines.push([project([lon, -85.0511]), project([lon, 85.0511])]);
  for (let lat = -80; lat <= 80; lat += step) lines.push([project([-180, lat]), project([180, lat])]);
  return lines;
}
