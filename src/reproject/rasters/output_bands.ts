import { TilthError } from "../../core/index.ts";
import { canHold, isFloat, type BandInfo, type MaskKind, type RasterInfo } from "../../raster/index.ts";

/** Bands of a raster that may have pixels without an image, and how those are told. */
export interface OutputBands {
  readonly bands: readonly BandInfo[];
  readonly mask: MaskKind;
}

/**
 * The bands of a source with the nodata that was said, else its own, else NaN for fractions. Whole numbers without one are masked: 0 may be a value.
 * @throws `argument.invalid` for a nodata that a band cannot hold
 */
export function outputBands(info: RasterInfo, nodata: number | undefined): OutputBands {
  const bands = info.bands.map((band): BandInfo => {
    if (nodata !== undefined && !canHold(band.type, nodata))
      throw new TilthError("argument.invalid", `expected a nodata that ${band.type} can hold, got ${nodata}`);
    const own = info.mask === "nodata" ? band.nodata : null;
    return { ...band, nodata: nodata ?? own ?? (isFloat(band.type) ? Number.NaN : null) };
  });
  const hasNodata = bands.every((band) => band.nodata !== null);
  return { bands, mask: hasNodata ? "nodata" : info.mask === "alpha" ? "alpha" : "mask" };
}
