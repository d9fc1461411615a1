import { shiftAffine } from "./affine.ts";
import { ComputedRaster } from "./computed_raster.ts";
import type { PixelRect, Raster } from "./raster.ts";
import { checkWindow } from "./window_requests.ts";

/** A rectangle of a raster as a raster of its own. The source stays the caller's. @throws `argument.invalid` when it leaves the image */
export function clipRaster(source: Raster, rect: PixelRect): Raster {
  const { info } = source;
  checkWindow(info, { ...rect, width: 1, height: 1 }, {});
  checkWindow(info, { x: rect.x + rect.width - 1, y: rect.y + rect.height - 1, width: 1, height: 1 }, {});
  const block = { width: rect.width, height: Math.min(info.block.height, rect.height) };
  const affine = info.affine === null ? null : shiftAffine(info.affine, rect.x, rect.y);
  return new ComputedRaster({
    info: { ...info, width: rect.width, height: rect.height, affine, block, overviews: [], compression: "none" },
    compute: ({ rect: { x, y, width, height }, bands, validity, signal }) =>
      source.readWindow({ x: rect.x + x, y: rect.y + y, width, height }, { bands, validity, signal }),
  });
}
