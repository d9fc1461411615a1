import type { Crs } from "../crs/index.ts";
import { invalidGrid } from "./json_fields.ts";
import { scaleToCellSize, STANDARD_PIXEL_SIZE_M } from "./tile_matrix_set.ts";

/** Both may be rounded, and degrees may be taken on another Earth: a sphere of 6,371 km makes 0.11 % of difference. */
const TOLERANCE = 0.005;

/** Side of a pixel at 96 dots an inch, by which some documents (the OGC's CanadianNAD83_LCC too) count scales: 5.5 % smaller than 0.28 mm. */
const PIXEL_OF_96_DPI_M = 0.0254 / 96;

/** Numbers of fewer than 5 digits are meant as they stand: 0.5 is not a rounding. */
const MAX_ROUNDING = 1e-5;

/** Below this the two are the same number. */
const EQUAL = 1e-12;

/**
 * Cell size out of what a level says: the cell size as written, unless it is a rounding of what the scale denominator gives; the scale
 * denominator alone by OGC 17-083r4, 6.1: cellSize = scaleDenominator * 0.00028 / metresPerUnit.
 * @throws `grid.invalid` when there is neither, or the two contradict each other
 */
export function chooseCellSize(
  cellSize: number | undefined,
  scale: number | undefined,
  crs: Pick<Crs, "metresPerUnit">,
  level: string,
): number {
  for (const [name, value] of [["cellSize", cellSize] as const, ["scaleDenominator", scale] as const])
    if (value !== undefined && value <= 0) throw invalidGrid(`a '${name}' above 0 on level '${level}'`, value);
  if (scale === undefined) {
    if (cellSize !== undefined) return cellSize;
    throw invalidGrid(`a 'cellSize' or 'scaleDenominator' on level '${level}'`, undefined);
  }
  const byScale = scaleToCellSize(scale, crs);
  if (cellSize === undefined) return byScale;
  const ratio = byScale / cellSize;
  const rounding = Math.min(halfLastDigit(cellSize), cellSize * MAX_ROUNDING);
  if (Math.abs(ratio - 1) > EQUAL && Math.abs(byScale - cellSize) <= rounding) return byScale;
  const pixels = [1, STANDARD_PIXEL_SIZE_M / PIXEL_OF_96_DPI_M];
  if (pixels.some((pixel) => Math.abs(ratio / pixel - 1) <= TOLERANCE)) return cellSize;
  throw invalidGrid(
    `a cellSize of about ${byScale} for the scaleDenominator ${scale} on level '${level}' (pixels of 0.28 mm)`,
    cellSize,
  );
}

/** Half of the last decimal place in which a number is written: 0.005 for 1.25. */
function halfLastDigit(value: number): number {
  const [digits = "", exponent = "0"] = value.toExponential().split("e");
  return 0.5 * 10 ** (Number(exponent) - (digits.length > 1 ? digits.length - 2 : 0));
}
