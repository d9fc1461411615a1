import { messageOf, type ByteSource } from "../core/index.ts";
import type { BlockImage, DecodedBlock } from "./block_image.ts";
import { BlockRaster } from "./block_raster.ts";
import { loadSharp } from "./pixels.ts";
import { viewPixels, type PixelArray, type PixelType } from "./pixel_type.ts";
import { damaged, tooLarge } from "./raster_errors.ts";
import type { BandInfo, ColorInterpretation, Raster } from "./raster.ts";
import type { SidePlace } from "./side_files.ts";

/** Unpacked bytes of a picture at most: its formats are not made to be read in parts, so it is held whole. */
const MAX_PICTURE_BYTES = 1024 * 1024 * 1024;

/** A PNG or JPEG, with a world file where it has one. A PNG with a palette is read in its colours. @throws `raster.damaged`, `raster.tooLarge` */
export async function openPicture(source: ByteSource, side: SidePlace | null, signal?: AbortSignal): Promise<Raster> {
  try {
    if (source.sizeBytes > MAX_PICTURE_BYTES)
      throw tooLarge(`a picture of ${source.sizeBytes} bytes is not read; make a GeoTIFF of it`);
    const bytes = await source.read(0, source.sizeBytes, { signal });
    const head = await readHead(bytes);
    const image = new PictureImage(bytes, head);
    const close = (): Promise<void> => source.close();
    return new BlockRaster({
      info: infoOf(head, side),
      images: [{ image, mask: null }],
      cacheBytes: MAX_PICTURE_BYTES,
      close,
    });
  } catch (error) {
    await source.close();
    throw error;
  }
}

interface PictureHead {
  readonly format: "PNG" | "JPEG";
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly type: PixelType;
}

async function openSharp(bytes: Uint8Array) {
  const sharp = await loadSharp();
  // The numbers of the file, not those of a profile in it.
  return sharp(bytes, { failOn: "warning", limitInputPixels: MAX_PICTURE_BYTES, ignoreIcc: true });
}

async function readHead(bytes: Uint8Array): Promise<PictureHead> {
  const { format, width, height, channels, depth } = await (
    await openSharp(bytes)
  )
    .metadata()
    .catch((cause: unknown) => {
      throw damaged(`the picture's header cannot be read: ${messageOf(cause)}`, {}, cause);
    });
  const type = depth === "ushort" ? "uint16" : "uint8";
  const head = { format: format === "png" ? "PNG" : "JPEG", width, height, channels, type } as const;
  const sizeBytes = width * height * channels * (type === "uint16" ? 2 : 1);
  if (sizeBytes > MAX_PICTURE_BYTES)
    throw tooLarge(
      `the picture has ${sizeBytes} bytes when unpacked, ${MAX_PICTURE_BYTES} at most are read; make a GeoTIFF of it`,
    );
  return head;
}

/** One block, unpacked when it is first read. */
class PictureImage implements BlockImage {
  readonly width: number;
  readonly height: number;
  readonly type: PixelType;
  readonly bandCount: number;
  readonly block: BlockImage["block"];
  readonly isPlanar = false;
  readonly fill = 0;
  readonly #bytes: Uint8Array;
  #bands: Promise<PixelArray[]> | null = null;

  constructor(bytes: Uint8Array, head: PictureHead) {
    this.width = head.width;
    this.height = head.height;
    this.type = head.type;
    this.bandCount = head.channels;
    this.block = { width: head.width, height: head.height };
    this.#bytes = bytes;
  }

  async *readBlocks(keys: Parameters<BlockImage["readBlocks"]>[0]): AsyncGenerator<DecodedBlock, void, undefined> {
    for (const key of keys) {
      this.#bands ??= this.#unpack();
      const bands = await this.#bands;
      yield { key, stride: this.width, bands, sizeBytes: bands.reduce((sum, { byteLength }) => sum + byteLength, 0) };
    }
  }

  async #unpack(): Promise<PixelArray[]> {
    const channels = ([0, 1, 2, 3] as const).slice(0, this.bandCount).map((channel) => this.#channel(channel));
    return Promise.all(channels);
  }

  async #channel(channel: 0 | 1 | 2 | 3): Promise<PixelArray> {
    const depth = this.type === "uint16" ? "ushort" : "uchar";
    const wide = this.type === "uint16" ? "rgb16" : "srgb";
    const grey = this.type === "uint16" ? "grey16" : "b-w";
    const image = (await openSharp(this.#bytes)).toColourspace(this.bandCount < 3 ? grey : wide);
    const { data } = await (this.bandCount === 1 ? image : image.extractChannel(channel))
      .raw({ depth })
      .toBuffer({ resolveWithObject: true })
      .catch((cause: unknown) => {
        throw damaged(`the picture does not unpack: ${messageOf(cause)}`, {}, cause);
      });
    if (data.length !== this.width * this.height * (this.type === "uint16" ? 2 : 1))
      throw damaged("the picture unpacks to another number of bands than its header says");
    const own = new Uint8Array(data);
    return viewPixels(this.type, own.buffer);
  }
}

const COLORS: Readonly<Record<number, readonly ColorInterpretation[]>> = {
  1: ["gray"],
  2: ["gray", "alpha"],
  3: ["red", "green", "blue"],
  4: ["red", "green", "blue", "alpha"],
};

function infoOf({ format, width, height, channels, type }: PictureHead, side: SidePlace | null): Raster["info"] {
  const colors = COLORS[channels] ?? [];
  const bands = Array.from({ length: channels }, (_, i): BandInfo => ({
    type,
    description: "",
    nodata: null,
    scale: 1,
    offset: 0,
    unit: "",
    color: colors[i] ?? "undefined",
  }));
  return {
    format,
    width,
    height,
    bands,
    crs: side?.crs ?? null,
    crsNote: side?.crsNote ?? "the file names no CRS",
    affine: side?.affine ?? null,
    placeNote: side?.placeNote ?? "no world file",
    pixelIs: "area",
    block: { width, height },
    overviews: [],
    mask: colors.includes("alpha") ? "alpha" : "none",
    palette: null,
    compression: format,
    metadata: {},
  };
}
