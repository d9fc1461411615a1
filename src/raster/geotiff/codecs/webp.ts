import { messageOf } from "../../../core/index.ts";
import { loadSharp } from "../../pixels.ts";
import { damaged } from "../../raster_errors.ts";
import { bandsPerBlock, type ImageLayout } from "../image_layout.ts";

/** A block of WebP in three or four bands. */
export async function unpackWebp(packed: Uint8Array, layout: ImageLayout, rows: number): Promise<Uint8Array> {
  const channels = bandsPerBlock(layout);
  const sharp = await loadSharp();
  try {
    const image = sharp(packed, { failOn: "error", limitInputPixels: layout.blockWidth * layout.blockHeight });
    const { format, width, height } = await image.metadata();
    if (format !== "webp" || width !== layout.blockWidth || height < rows || height > layout.blockHeight)
      throw new Error(`it is a ${format} of ${width} x ${height} pixels`);
    // WebP leaves out an alpha that is opaque everywhere.
    const { data } = await (channels === 4 ? image.ensureAlpha() : image.removeAlpha())
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true });
    if (data.length !== width * height * channels) throw new Error(`it has no ${channels} bands`);
    return data;
  } catch (cause) {
    throw damaged(`a WebP block does not unpack: ${messageOf(cause)}`, {}, cause);
  }
}
