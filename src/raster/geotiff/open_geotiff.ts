import { isTilthError, type ByteSource } from "../../core/index.ts";
import { BlockRaster } from "../block_raster.ts";
import type { Raster, RasterInfo } from "../raster.ts";
import type { SidePlace } from "../side_files.ts";
import { damaged } from "../raster_errors.ts";
import { maskKindOf, readBandInfos, readPalette } from "./band_infos.ts";
import { BlockDecoder } from "./block_decoder.ts";
import { BlockIndex } from "./block_index.ts";
import { crsFromKeys } from "./crs_from_keys.ts";
import { parseGdalMetadata } from "./gdal_metadata.ts";
import { KEY, readGeoKeys } from "./geo_keys.ts";
import { bandsPerBlock, rowBytes } from "./image_layout.ts";
import { readPlace } from "./place.ts";
import { readDirectories, type TiffFile } from "./read_directories.ts";
import { sortDirectories, type SortedPages, type TiffPage } from "./sort_directories.ts";
import { fillOf, TiffImage } from "./tiff_image.ts";
import { COMPRESSION_NAMES, TAG } from "./tiff_tags.ts";

export interface OpenGeotiffOptions {
  /** 0: blocks are decoded on the calling thread. @default as many as the machine runs at once */
  threads?: number;
  /** Decoded blocks that are kept. @default 32 MiB */
  cacheBytes?: number;
  signal?: AbortSignal;
}

const CACHE_BYTES = 32 * 1024 * 1024;

/**
 * A TIFF with or without place: classic or BigTIFF, striped or tiled. The source is the raster's own from then on, also when this throws.
 * @param side place and CRS of files beside it, for what the file itself does not say
 * @throws `raster.unknown`, `raster.damaged`, `raster.truncated`, `raster.unsupported`, `raster.tooLarge`
 */
export async function openGeotiff(
  source: ByteSource,
  options: OpenGeotiffOptions = {},
  side: SidePlace | null = null,
): Promise<Raster> {
  try {
    const file = await readDirectories(source, options.signal);
    const pages = await sortDirectories(file, options.signal);
    const info = await describe(pages, side);
    const decoder = new BlockDecoder(options.threads);
    const fill = info.bands[0]?.nodata ?? null;
    const open = (page: TiffPage, nodata: number | null): TiffImage => openImage(file, page, nodata, source, decoder);
    const images = pages.images.map(({ page, mask }) => ({
      image: open(page, fill),
      mask: mask === null ? null : open(mask, null),
    }));
    const close = async (): Promise<void> => {
      await decoder[Symbol.asyncDispose]();
      await source.close();
    };
    return new BlockRaster({ info, images, cacheBytes: options.cacheBytes ?? CACHE_BYTES, close });
  } catch (error) {
    await source.close();
    // What a mutilated field makes of our own arithmetic is the file's fault, not ours.
    throw isTilthError(error) || !(error instanceof RangeError) ? error : damaged(error.message, {}, error);
  }
}

function openImage(
  file: TiffFile,
  { fields, layout }: TiffPage,
  nodata: number | null,
  source: ByteSource,
  decoder: BlockDecoder,
): TiffImage {
  const offsets = fields.findEntry(layout.isTiled ? TAG.tileOffsets : TAG.stripOffsets);
  if (offsets === null) throw damaged("an image does not say where its blocks are");
  const sizes = fields.findEntry(layout.isTiled ? TAG.tileByteCounts : TAG.stripByteCounts);
  const down = Math.ceil(layout.height / layout.blockHeight);
  const count = Math.ceil(layout.width / layout.blockWidth) * down * (layout.samples / bandsPerBlock(layout));
  const index = new BlockIndex(file, offsets, sizes, count, rowBytes(layout) * layout.blockHeight);
  return new TiffImage({ layout, fill: fillOf(layout.type, nodata), source, index, decoder });
}

async function describe({ images, others }: SortedPages, side: SidePlace | null): Promise<RasterInfo> {
  const [main, ...overviews] = images as [SortedPages["images"][number], ...SortedPages["images"]];
  const { fields, layout } = main.page;
  const metadata = parseGdalMetadata((await fields.findText(TAG.gdalMetadata)) ?? "");
  const bands = await readBandInfos(fields, layout, metadata);
  const keys = await readGeoKeys(fields);
  const isPoint = keys.findNumber(KEY.rasterType) === 2;
  const { crs, note: crsNote } = crsFromKeys(keys);
  const { affine, note: placeNote } = await readPlace(fields, isPoint);
  return {
    format: keys.isEmpty && affine === null ? "TIFF" : "GeoTIFF",
    width: layout.width,
    height: layout.height,
    bands,
    crs: crs ?? (keys.isEmpty ? (side?.crs ?? null) : null),
    crsNote: keys.isEmpty && side?.crs ? side.crsNote : crsNote,
    affine: affine ?? side?.affine ?? null,
    placeNote: affine === null && side?.affine ? side.placeNote : placeNote,
    pixelIs: isPoint ? "point" : "area",
    block: { width: layout.blockWidth, height: layout.blockHeight },
    overviews: overviews.map(({ page }) => ({
      width: page.layout.width,
      height: page.layout.height,
      block: { width: page.layout.blockWidth, height: page.layout.blockHeight },
    })),
    mask: maskKindOf(bands, main.mask !== null),
    palette: await readPalette(fields, layout),
    compression: COMPRESSION_NAMES[layout.compression] ?? String(layout.compression),
    metadata: others === 0 ? metadata.image : { ...metadata.image, OTHER_IMAGES: String(others) },
  };
}
