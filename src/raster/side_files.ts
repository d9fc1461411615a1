import { readFile, stat } from "node:fs/promises";
import { extname } from "node:path";
import { isTilthError } from "../core/index.ts";
import { findCrs, type Crs } from "../crs/index.ts";
import { fromMiddle } from "./geotiff/place.ts";
import type { Affine } from "./raster.ts";

/** What files beside an image say of its place. */
export interface SidePlace {
  readonly affine: Affine | null;
  readonly placeNote: string;
  readonly crs: Crs | null;
  readonly crsNote: string;
}

const MAX_SIDE_BYTES = 64 * 1024;

/** Reads the world file and the `.prj` beside `path`, where they are. A file of theirs that cannot be read counts as none, and the note says so. */
export async function readSideFiles(path: string): Promise<SidePlace> {
  const world = await firstText(worldFilesOf(path));
  const prj = await firstText([".prj", ".PRJ"].map((ending) => stem(path) + ending));
  const affine = world === null ? null : parseWorldFile(world);
  const placeNote =
    world === null ? "no world file" : affine === null ? "a world file that holds no affine" : "a world file";
  return { affine, placeNote, ...crsOfPrj(prj) };
}

const stem = (path: string): string => path.slice(0, path.length - extname(path).length);

/** `a.tif`: `a.tfw`, `a.tifw`, `a.wld`, each in small and capital letters. */
function worldFilesOf(path: string): string[] {
  const ending = extname(path).slice(1);
  const endings = [`${ending.charAt(0)}${ending.at(-1) ?? ""}w`, `${ending}w`, "wld"];
  return endings.flatMap((each) => [`${stem(path)}.${each.toLowerCase()}`, `${stem(path)}.${each.toUpperCase()}`]);
}

async function firstText(paths: readonly string[]): Promise<string | null> {
  for (const path of paths) {
    const found = await stat(path).catch(() => null);
    if (found?.isFile() && found.size <= MAX_SIDE_BYTES) return readFile(path, "utf8").catch(() => null);
  }
  return null;
}

/** Six lines A, D, B, E, C, F: x = A * column + B * row + C of the middle of a pixel. Null for anything else. */
export function parseWorldFile(text: string): Affine | null {
  const [a, d, b, e, c, f] = text
    .trim()
    .split(/\s+/)
    .map((word) => Number(word.replace(",", ".")));
  const values = [a, b, c, d, e, f];
  if (!values.every((value) => value !== undefined && Number.isFinite(value))) return null;
  const affine = values as [number, number, number, number, number, number];
  return affine[0] * affine[4] - affine[1] * affine[3] === 0 ? null : fromMiddle(affine);
}

function crsOfPrj(text: string | null): Pick<SidePlace, "crs" | "crsNote"> {
  if (text === null) return { crs: null, crsNote: "the file names no CRS" };
  try {
    const crs = findCrs(text.trim());
    if (crs !== null) return { crs, crsNote: `a .prj file: ${crs.name}` };
    return { crs, crsNote: "a .prj file that names a CRS which is not known here" };
  } catch (error) {
    if (!isTilthError(error)) throw error;
    return { crs: null, crsNote: `a .prj file whose CRS cannot be computed: ${error.message}` };
  }
}
