import { findCrs, normalizeCrsCode, WEB_MERCATOR_EXTENT_M } from "../../crs/index.ts";
import type { LonLatBbox } from "../../geo/index.ts";
import { lonLatBounds } from "./bounds.ts";
import type { ServiceMatrix, ServiceMatrixSet, Skipped } from "./service_description.ts";
import { child, finite, oneLine, words, type XmlNode } from "./xml_tree.ts";

/** Levels that are read. */
const MAX_LEVELS = 64;

/** What the numbers of a TileMap say, x first, in units of its CRS. */
interface Frame {
  readonly crs: string;
  /** Corner from which columns and rows count. */
  readonly corner: readonly [x: number, y: number];
  readonly cornerOfOrigin: "topLeft" | "bottomLeft";
  /** How far tiles reach from the corner. */
  readonly width: number;
  readonly height: number;
}

/** The matrix set of a TileMap. @param sets its `<TileSet>` elements */
export function tmsMatrixSet(
  root: XmlNode,
  sets: readonly XmlNode[],
  profile: string,
  skipped: Skipped[],
): ServiceMatrixSet {
  const frame = globalFrame(root, profile, skipped) ?? writtenFrame(root, skipped);
  const format = child(root, "TileFormat")?.attributes ?? {};
  const [tileWidth, tileHeight] = [finite(format["width"]) ?? 256, finite(format["height"]) ?? 256];
  const id = profile === "" || profile === "none" ? frame?.crs || "tms" : profile;
  const set = { id, title: id, crs: frame?.crs ?? words(root, "SRS"), link: null };
  if (frame === null) return { ...set, matrices: [], problem: "its origin or its box is missing or wrong" };
  if (sets.length > MAX_LEVELS) return { ...set, matrices: [], problem: `it has more than ${MAX_LEVELS} levels` };
  const matrices = sets.flatMap((node) => tmsMatrix(node, frame, tileWidth, tileHeight));
  return { ...set, matrices, problem: null };
}

function tmsMatrix({ attributes }: XmlNode, frame: Frame, tileWidth: number, tileHeight: number): ServiceMatrix[] {
  const cellSize = finite(attributes["units-per-pixel"]);
  if (cellSize === null || cellSize <= 0) return [];
  // What reaches less than a millionth of a tile into the next one is rounding.
  const tiles = (length: number, pixels: number): number => Math.max(1, Math.ceil(length / (cellSize * pixels) - 1e-6));
  return [
    {
      id: oneLine(attributes["order"] ?? ""),
      scaleDenominator: null,
      cellSize,
      corner: frame.corner,
      cornerOrder: "xy",
      cornerOfOrigin: frame.cornerOfOrigin,
      tileWidth,
      tileHeight,
      matrixWidth: tiles(frame.width, tileWidth),
      matrixHeight: tiles(frame.height, tileHeight),
    },
  ];
}

/** The global profiles fix the origin (TMS 1.0.0); gdal2tiles writes degrees there, and latitude first in old versions. */
function globalFrame(root: XmlNode, profile: string, skipped: Skipped[]): Frame | null {
  const name = profile.replace(/^global-/, "");
  if (name !== "mercator" && name !== "geodetic") return null;
  const mercator = name === "mercator";
  const crs = mercator ? "EPSG:3857" : "OGC:CRS84";
  const corner: [number, number] = mercator ? [-WEB_MERCATOR_EXTENT_M, -WEB_MERCATOR_EXTENT_M] : [-180, -90];
  const { x, y } = child(root, "Origin")?.attributes ?? {};
  const written = [finite(x), finite(y)];
  if (written.some((value, axis) => value === null || Math.abs(value - (corner[axis] ?? 0)) > 1e-3))
    skipped.push({ what: `origin ${x ?? "?"}, ${y ?? "?"}`, reason: `the profile ${profile} has its own` });
  return { crs, corner, cornerOfOrigin: "bottomLeft", width: -2 * corner[0], height: -2 * corner[1] };
}

function writtenFrame(root: XmlNode, skipped: Skipped[]): Frame | null {
  const origin = child(root, "Origin")?.attributes ?? {};
  const box = child(root, "BoundingBox")?.attributes ?? {};
  const [x, y] = [finite(origin["x"]), finite(origin["y"])];
  const [maxX = null, minY = null, maxY = null] = ["maxx", "miny", "maxy"].map((name) => finite(box[name]));
  if (x === null || y === null || maxX === null || minY === null || maxY === null || maxX <= x) return null;
  const fromTop = y > (minY + maxY) / 2;
  if (fromTop) skipped.push({ what: "rows", reason: "the origin is at the top of the box: rows count from there" });
  const height = fromTop ? y - minY : maxY - y;
  if (height <= 0) return null;
  const crs = words(root, "SRS");
  return { crs, corner: [x, y], cornerOfOrigin: fromTop ? "topLeft" : "bottomLeft", width: maxX - x, height };
}

/** Box of a TileMap in lon/lat degrees; null when that is not known. */
export function tmsBounds(root: XmlNode, code: string): LonLatBbox | null {
  const box = child(root, "BoundingBox")?.attributes ?? {};
  const [minX = null, minY = null, maxX = null, maxY = null] = ["minx", "miny", "maxx", "maxy"].map((name) =>
    finite(box[name]),
  );
  if (minX === null || minY === null || maxX === null || maxY === null) return null;
  const asDegrees = lonLatBounds([minX, minY, maxX, maxY]);
  // gdal2tiles writes degrees for a mercator map; as metres the box would be a speck at 0, 0.
  if (asDegrees !== null) return asDegrees;
  const crs = findCrs(normalizeCrsCode(code));
  return crs === null || !crs.separable
    ? null
    : lonLatBounds([...crs.toLonLat(minX, minY), ...crs.toLonLat(maxX, maxY)]);
}
