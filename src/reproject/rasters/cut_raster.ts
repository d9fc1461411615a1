import { TilthError } from "../../core/index.ts";
import type { Bbox, Polygon } from "../../geo/index.ts";
import {
  applyAffine,
  canHold,
  clipRaster,
  ComputedRaster,
  invertAffine,
  isFloat,
  type BandInfo,
  type PixelRect,
  type Raster,
  type RasterInfo,
} from "../../raster/index.ts";
import { PolygonMask, requireRect } from "./polygon_mask.ts";
import { requirePlace } from "./warp_target.ts";

/** The pixels that a box in the raster's own CRS has a share in. @throws `raster.unsupported`, `bbox.invalid` */
export function rectOfExtent(info: RasterInfo, [minX, minY, maxX, maxY]: Bbox): PixelRect {
  const inverse = invertAffine(requirePlace(info).affine);
  const corners = [
    [minX, minY],
    [minX, maxY],
    [maxX, minY],
    [maxX, maxY],
  ].map(([x, y]) => applyAffine(inverse, x as number, y as number));
  const columns = corners.map(([column]) => column);
  const rows = corners.map(([, row]) => row);
  return requireRect(info, [Math.min(...columns), Math.min(...rows), Math.max(...columns), Math.max(...rows)]);
}

/** The pixels that a lon/lat box has a share in: its sides are bent as they are in the raster's CRS. @throws as `rectOfExtent` */
export function rectOfBbox(info: RasterInfo, [west, south, east, north]: Bbox): PixelRect {
  const ring = [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
  ] as const;
  return new PolygonMask(info, [[ring]]).rect;
}

/**
 * A raster cut out along lon/lat polygons: pixels whose middles lie outside are no data. Its size is that of the box around the polygons.
 * @param nodata what those pixels hold; the raster's own unless said, NaN for fractions
 * @throws `argument.invalid` when whole numbers have no nodata, `raster.unsupported`, `bbox.invalid`
 */
export function cutRaster(source: Raster, polygons: readonly Polygon[], nodata?: number): Raster {
  const mask = new PolygonMask(source.info, polygons);
  const clipped = clipRaster(source, mask.rect);
  const bands = source.info.bands.map((band) => ({ ...band, nodata: nodataOf(source.info, band, nodata) }));
  return new ComputedRaster({
    info: { ...clipped.info, bands, mask: "nodata" },
    compute: async ({ rect, bands: wanted, signal }) => {
      const window = await clipped.readWindow(rect, { bands: wanted, validity: true, signal });
      const inside = mask.cover({ ...rect, x: rect.x + mask.rect.x, y: rect.y + mask.rect.y });
      window.bands.forEach((pixels, i) => {
        const fill = (bands[wanted[i] as number] as BandInfo).nodata as number;
        const valid = window.validity[i];
        for (let at = 0; at < inside.length; at++) if (inside[at] === 0 || valid?.[at] === 0) pixels[at] = fill;
      });
      return { bands: window.bands };
    },
  });
}

function nodataOf(info: RasterInfo, { nodata: own, type }: BandInfo, said: number | undefined): number {
  const known = said ?? (info.mask === "nodata" ? own : null) ?? (isFloat(type) ? Number.NaN : null);
  if (known !== null && canHold(type, known)) return known;
  throw new TilthError(
    "argument.invalid",
    `expected a nodata value that ${type} can hold for what is cut away (--nodata), got ${known ?? "none"}`,
  );
}
