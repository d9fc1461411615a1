import { TilthError } from "../../core/index.ts";
import type { Polygon } from "../../geo/index.ts";
import { RingPen } from "../../grid/index.ts";
import { applyAffine, invertAffine, type Affine, type PixelRect, type RasterInfo } from "../../raster/index.ts";
import type { Crs } from "../../crs/index.ts";
import { requirePlace } from "./warp_target.ts";

/** Pixels by which an edge may be off its true image. */
const TOLERANCE_PIXELS = 0.01;

/** Parts of a pixel by which an edge on a pixel's border may be off by rounding. */
const SNAP = 1e-6;

/** Which pixels of a raster have their middles within lon/lat polygons: GDAL's rule for cut lines. */
export class PolygonMask {
  /** Pixels around the polygons, cut to the image. */
  readonly rect: PixelRect;
  /** x0, y0, x1, y1 in pixels. */
  readonly #edges: Float64Array;
  readonly #owners: Uint32Array;
  /** Edges that reach into each row of the image, those of 64 rows together. */
  readonly #bands = new Map<number, number[]>();

  /** @throws `raster.unsupported` for a raster without place or CRS, `bbox.invalid` when the polygons lie beside it */
  constructor(info: RasterInfo, polygons: readonly Polygon[]) {
    const { crs, affine } = requirePlace(info);
    const drawn = drawPolygons(crs, affine, polygons);
    [this.#edges, this.#owners] = [drawn.edges, drawn.owners];
    this.rect = rectAround(this.#edges, info);
    for (let edge = 0; edge < this.#owners.length; edge++) this.#index(edge);
  }

  /** 1 for pixels of `rect` that are inside, 0 for the others. */
  cover({ x, y, width, height }: PixelRect): Uint8Array<ArrayBuffer> {
    const mask = new Uint8Array(width * height);
    for (let row = 0; row < height; row++)
      for (const [from, to] of this.#listSpans(y + row)) {
        // A middle on the left edge is inside, one on the right is not: of two neighbours one has it.
        const first = Math.max(0, Math.ceil(from - 0.5) - x);
        const last = Math.min(width, Math.ceil(to - 0.5) - x);
        if (first < last) mask.fill(1, row * width + first, row * width + last);
      }
    return mask;
  }

  *#listSpans(row: number): Generator<[from: number, to: number]> {
    const middle = row + 0.5;
    const crossings: { owner: number; x: number }[] = [];
    for (const edge of this.#bands.get(Math.floor(row / BAND_ROWS)) ?? []) {
      const [x0, y0, x1, y1] = this.#edges.subarray(4 * edge, 4 * edge + 4) as unknown as [
        number,
        number,
        number,
        number,
      ];
      if (y0 <= middle !== y1 <= middle)
        crossings.push({ owner: this.#owners[edge] as number, x: x0 + ((middle - y0) / (y1 - y0)) * (x1 - x0) });
    }
    crossings.sort((a, b) => a.owner - b.owner || a.x - b.x);
    for (let i = 0; i + 1 < crossings.length; i += 2)
      yield [(crossings[i] as { x: number }).x, (crossings[i + 1] as { x: number }).x];
  }

  #index(edge: number): void {
    const [y0, y1] = [this.#edges[4 * edge + 1] as number, this.#edges[4 * edge + 3] as number];
    const first = Math.max(Math.min(y0, y1), this.rect.y);
    const last = Math.min(Math.max(y0, y1), this.rect.y + this.rect.height);
    for (let band = Math.floor(first / BAND_ROWS); band * BAND_ROWS <= last; band++) {
      const list = this.#bands.get(band);
      if (list === undefined) this.#bands.set(band, [edge]);
      else list.push(edge);
    }
  }
}

const BAND_ROWS = 64;

function drawPolygons(crs: Crs, affine: Affine, polygons: readonly Polygon[]) {
  const pixel = Math.min(Math.hypot(affine[0], affine[3]), Math.hypot(affine[1], affine[4]));
  const pen = new RingPen(crs, pixel * TOLERANCE_PIXELS, false);
  polygons.forEach((polygon, owner) => polygon.forEach((ring) => pen.draw(ring, owner)));
  const { edges, owners } = pen.finish();
  const inverse = invertAffine(affine);
  const pixels = new Float64Array(edges.length);
  for (let i = 0; i < edges.length; i += 2)
    pixels.set(applyAffine(inverse, edges[i] as number, edges[i + 1] as number), i);
  return { edges: pixels, owners };
}

function rectAround(edges: Float64Array, info: RasterInfo): PixelRect {
  let [minX, minY, maxX, maxY] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < edges.length; i += 2) {
    const [x, y] = [edges[i] as number, edges[i + 1] as number];
    [minX, minY, maxX, maxY] = [Math.min(minX, x), Math.min(minY, y), Math.max(maxX, x), Math.max(maxY, y)];
  }
  return requireRect(info, [minX, minY, maxX, maxY]);
}

/** The pixels that a box in pixels has a share in. @throws `bbox.invalid` when there are none */
export function requireRect(
  { width, height }: { width: number; height: number },
  [minX, minY, maxX, maxY]: readonly [number, number, number, number],
): PixelRect {
  const x = Math.max(0, Math.floor(minX + SNAP));
  const y = Math.max(0, Math.floor(minY + SNAP));
  const right = Math.min(width, Math.ceil(maxX - SNAP));
  const bottom = Math.min(height, Math.ceil(maxY - SNAP));
  if (x < right && y < bottom) return { x, y, width: right - x, height: bottom - y };
  throw new TilthError(
    "bbox.invalid",
    "expected an area that lies over the raster, got one beside it: see tilth raster info",
  );
}
