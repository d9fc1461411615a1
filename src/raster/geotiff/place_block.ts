import type { BlockKey } from "../block_image.ts";
import { bytesPerPixel } from "../pixel_type.ts";
import { damaged, truncated } from "../raster_errors.ts";
import type { PlacedBlock } from "./block_groups.ts";
import type { BlockPlaces } from "./block_index.ts";
import { bandsPerBlock, blockBytes, isReadInParts, rowBytes, type ImageLayout } from "./image_layout.ts";

/** Where a block lies in the file; null when it is not stored. @param partHeight rows of a block as it is read @throws `raster.damaged`, `raster.truncated` */
export async function placeBlock(
  key: BlockKey,
  layout: ImageLayout,
  partHeight: number,
  index: BlockPlaces,
  fileBytes: number,
  signal: AbortSignal | undefined,
): Promise<PlacedBlock | null> {
  const { blockHeight, isTiled, height } = layout;
  const top = key.row * partHeight;
  const blockRow = Math.floor(top / blockHeight);
  const across = Math.ceil(layout.width / layout.blockWidth);
  const down = Math.ceil(height / blockHeight);
  const range = await index.range((key.plane * down + blockRow) * across + key.column, signal);
  if (range.offset === 0) return null;
  const rows = isTiled ? blockHeight : Math.min(partHeight, height - top);
  const pixelBytes = layout.blockWidth * rows * bandsPerBlock(layout) * bytesPerPixel(layout.type);
  const part = isReadInParts(layout)
    ? cutPart(range, (top - blockRow * blockHeight) * rowBytes(layout), rows * rowBytes(layout))
    : range;
  if (part.offset + part.sizeBytes > fileBytes)
    throw truncated(
      `a block should lie at bytes ${part.offset} to ${part.offset + part.sizeBytes}, the file has ${fileBytes}`,
      { ...part },
    );
  if (part.sizeBytes > maxPackedBytes(layout))
    throw damaged(`a block of ${pixelBytes} bytes takes ${part.sizeBytes}`, { ...part });
  return { key, ...part, rows, pixelBytes };
}

/** No compression makes its worst input twice as large; tables and headers come on top. */
const maxPackedBytes = (layout: ImageLayout): number => blockBytes(layout) * 2 + 65_536;

function cutPart(
  { offset, sizeBytes }: { offset: number; sizeBytes: number },
  from: number,
  partBytes: number,
): { offset: number; sizeBytes: number } {
  if (from + partBytes > sizeBytes)
    throw truncated(`a strip has ${sizeBytes} bytes, not ${from + partBytes}`, { offset, sizeBytes });
  return { offset: offset + from, sizeBytes: partBytes };
}
