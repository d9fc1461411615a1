import { readNamedGrid } from "../config/index.ts";
import { isTilthError, TilthError } from "../core/index.ts";
import { getGrid, listKnownGrids, tileMatrixSetToJson, type TileMatrixSet } from "../grid/index.ts";
import { requireInteger } from "./arguments.ts";
import { EXIT } from "./exit_codes.ts";
import { Terminal, type GlobalOptions } from "./terminal.ts";

export interface GridsArguments {
  tileSize?: number;
}

/** @throws `argument.invalid` for an action that is none; for show `grid.unknown`, `grid.invalid`, `grid.variableWidths` */
export async function runGrids(
  action: string,
  target: string | undefined,
  options: GridsArguments & GlobalOptions,
): Promise<number> {
  const terminal = new Terminal(options);
  if (action === "list" && target === undefined) listAll(terminal);
  else if (action === "show" && target !== undefined) show(terminal, await readNamedGrid(target, tileSizeOf(options)));
  else
    throw new TilthError(
      "argument.invalid",
      `expected 'list' or 'show NAME|EPSG:n|FILE', got '${[action, target].filter((word) => word !== undefined).join(" ")}'`,
    );
  return EXIT.whole;
}

function tileSizeOf({ tileSize }: GridsArguments): number | undefined {
  return tileSize === undefined ? undefined : requireInteger(tileSize, "--tile-size", 64, 4096);
}

interface GridLine {
  id: string;
  title: string;
  crs: string;
  usable: boolean;
  /** 0 and null for a grid that cannot be made. */
  zooms: number;
  tileSize: number | null;
  /** Error code that says why it cannot be used. */
  problem: string | null;
}

function listAll(terminal: Terminal): void {
  const grids = listKnownGrids().map(({ id, title, crs }): GridLine => {
    const made = tryGrid(id);
    if (typeof made === "string") return { id, title, crs, usable: false, zooms: 0, tileSize: null, problem: made };
    const { matrices } = made;
    return {
      id,
      title,
      crs,
      usable: true,
      zooms: matrices.length,
      tileSize: made.getMatrix(0).tileWidth,
      problem: null,
    };
  });
  const lines = grids.map((grid) => {
    const size = grid.usable
      ? `${String(grid.zooms).padStart(2)} levels, ${grid.tileSize} px`
      : `not usable (${grid.problem})`;
    return `${grid.id.padEnd(24)} ${grid.crs.padEnd(11)} ${size}  ${grid.title}`;
  });
  terminal.answer(
    { grids },
    `${lines.join("\n")}\nUTM01WGS84Quad to UTM60WGS84Quad are like UTM31WGS84Quad; any CRS is a grid too, e.g. EPSG:2154.`,
  );
}

function tryGrid(id: string): TileMatrixSet | string {
  try {
    return getGrid(id);
  } catch (error) {
    if (isTilthError(error)) return error.code;
    throw error;
  }
}

function show(terminal: Terminal, grid: TileMatrixSet): void {
  terminal.answer(tileMatrixSetToJson(grid), formatGrid(grid));
}

/** A line for each level, coarsest first. */
export function formatGrid({ id, title, crs, matrices, bbox }: TileMatrixSet): string {
  const levels = matrices.map(({ id: name, cellSize, scaleDenominator, ...level }, z) => {
    const size = `${level.matrixWidth} x ${level.matrixHeight} tiles of ${level.tileWidth} x ${level.tileHeight} px`;
    const named = name === String(z) ? "" : `, called ${name}`;
    return `  zoom ${z}: ${cellSize} units a pixel, 1:${round(scaleDenominator)}, ${size}${named}`;
  });
  const fromBottom = matrices.some(({ cornerOfOrigin }) => cornerOfOrigin === "bottomLeft");
  const head = [
    `${id}: ${title}`,
    `CRS ${crs.code}, ${crs.name}; unit ${crs.unit}; axes in documents ${crs.axisOrder === "yx" ? "y first" : "x first"}`,
    `level 0 is the box ${bbox.join(",")}`,
    ...(fromBottom ? ["services count its rows from the bottom"] : []),
  ];
  return [...head, ...levels].join("\n");
}

/** Whole numbers above 1,000; three digits after the point below. */
const round = (scale: number): string => (scale >= 1000 ? Math.round(scale).toString() : scale.toFixed(3));
