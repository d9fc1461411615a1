import type { Crs, LonLatBox } from "../api/types.ts";
import { clipLine, clipRing, coastsOf, decode, projectPath, windowsOf, type Path, type Project } from "./shapes.ts";

export interface Background {
  scale: number;
  land: number[][];
  borders: number[][];
}

/** The world on one map. */
export interface WorldShapes {
  sea: Path[];
  land: Path[];
  coasts: Path[];
  borders: Path[];
  graticule: Path[];
}

/** Clips the world to what this CRS shows and projects it. */
export function projectWorld(background: Background, crs: Crs, project: Project): WorldShapes {
  const shapes: WorldShapes = { sea: [], land: [], coasts: [], borders: [], graticule: [] };
  const add = (kind: keyof WorldShapes, line: readonly number[]): void => {
    const path = projectPath(line, project);
    if (path !== null) shapes[kind].push(path);
  };
  const rings = background.land.map((ring) => decode(ring, background.scale));
  const borders = background.borders.map((line) => decode(line, background.scale));
  for (const window of windowsOf(crs)) {
    add("sea", frameOf(window));
    for (const ring of rings) {
      const clipped = clipRing(ring, window);
      if (clipped.length < 6) continue;
      add("land", [...clipped, ...clipped.slice(0, 2)]);
      for (const line of coastsOf(clipped, window)) add("coasts", line);
    }
    for (const line of borders) for (const run of clipLine(line, window)) add("borders", run);
    for (const line of graticuleOf(window)) add("graticule", line);
  }
  return shapes;
}

function frameOf([west, south, east, north]: LonLatBox): number[] {
  return [west, south, east, south, east, north, west, north, west, south];
}

/** Meridians and parallels every 15, 5 or 2 degrees. */
export function graticuleOf([west, south, east, north]: LonLatBox): number[][] {
  const step = east - west > 120 ? 15 : east - west > 60 ? 5 : 2;
  const lines: number[][] = [];
  for (let lon = Math.ceil(west / step) * step; lon <= east; lon += step) lines.push([lon, south, lon, north]);
  for (let lat = Math.ceil(south / step) * step; lat <= north; lat += step) lines.push([west, lat, east, lat]);
  return lines;
}
