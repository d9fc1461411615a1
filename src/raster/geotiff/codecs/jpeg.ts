import { messageOf } from "../../../core/index.ts";
import { decodeJpegPlain } from "../../decode_jpeg.ts";
import { loadSharp } from "../../pixels.ts";
import { damaged, unsupported } from "../../raster_errors.ts";
import { bandsPerBlock, type ImageLayout } from "../image_layout.ts";
import { PHOTOMETRIC } from "../tiff_tags.ts";

/** A block of JPEG, with the tables that all blocks share put before it. YCbCr becomes RGB, as GDAL gives it. */
export async function unpackJpeg(packed: Uint8Array, layout: ImageLayout, rows: number): Promise<Uint8Array> {
  const channels = bandsPerBlock(layout);
  const jpeg = joinTables(packed, layout);
  const frame = findFrame(jpeg);
  if (frame === null) throw damaged("a JPEG block has no frame");
  if (frame.precision !== 8) throw unsupported(`JPEG of ${frame.precision} bits`);
  // A frame of other sides is another picture; one of more rows than the last strip shows is usual.
  if (frame.width !== layout.blockWidth || frame.height < rows || frame.height > Math.max(rows, layout.blockHeight))
    throw damaged(`a JPEG block has ${frame.width} x ${frame.height} pixels, not ${layout.blockWidth} x ${rows}`);
  if (frame.components !== channels) throw damaged(`a JPEG block has ${frame.components} bands, not ${channels}`);
  try {
    return channels === 1 || channels === 3 ? await decodeJpegPlain(jpeg) : await decodeFour(jpeg, channels);
  } catch (cause) {
    throw damaged(`a JPEG block does not unpack: ${messageOf(cause)}`, {}, cause);
  }
}

/** Four bands that are stored as they are. The decoder takes them for inks and turns them over, which is undone. */
async function decodeFour(jpeg: Uint8Array, channels: number): Promise<Uint8Array> {
  const sharp = await loadSharp();
  const image = sharp(jpeg, { failOn: "warning" }).pipelineColourspace("cmyk").toColourspace("cmyk");
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
  if (info.channels !== channels) throw new Error(`it has ${info.channels} bands`);
  for (let i = 0; i < data.length; i++) data[i] = 255 - (data[i] as number);
  return data;
}

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;

/** Segments before the picture's data: `[marker, from, to)`, markers included. */
function* listSegments(jpeg: Uint8Array): Generator<[marker: number, from: number, to: number]> {
  let at = 2;
  while (at + 4 <= jpeg.length && jpeg[at] === 0xff) {
    const marker = jpeg[at + 1] as number;
    if (marker === 0xff) {
      at++;
      continue;
    }
    if (marker === EOI) return;
    const to = at + 2 + (((jpeg[at + 2] as number) << 8) | (jpeg[at + 3] as number));
    yield [marker, at, Math.min(to, jpeg.length)];
    if (marker === SOS || to <= at + 3) return;
    at = to;
  }
}

function findFrame(jpeg: Uint8Array): { width: number; height: number; components: number; precision: number } | null {
  for (const [marker, from, to] of listSegments(jpeg)) {
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (!isFrame || to - from < 10) continue;
    const at = (i: number): number => jpeg[from + i] as number;
    return { precision: at(4), height: (at(5) << 8) | at(6), width: (at(7) << 8) | at(8), components: at(9) };
  }
  return null;
}

/** What the directory says of the colours counts, not what the stream's own marker says: ours takes its place. */
function joinTables(packed: Uint8Array, layout: ImageLayout): Uint8Array {
  if (packed[0] !== 0xff || packed[1] !== SOI) throw damaged("a JPEG block does not begin as one");
  const parts: Uint8Array[] = [Uint8Array.of(0xff, SOI)];
  if (bandsPerBlock(layout) === 3) parts.push(adobeMarker(layout.photometric === PHOTOMETRIC.ycbcr));
  const { jpegTables: tables } = layout;
  if (tables !== null)
    for (const [marker, from, to] of listSegments(tables)) if (!isApp(marker)) parts.push(tables.subarray(from, to));
  let at = 2;
  for (const [marker, from, to] of listSegments(packed)) {
    if (marker !== SOS && !isApp(marker)) parts.push(packed.subarray(from, to));
    at = marker === SOS ? from : to;
  }
  parts.push(packed.subarray(at));
  return Buffer.concat(parts);
}

const isApp = (marker: number): boolean => marker >= 0xe0 && marker <= 0xef;

/** APP14: transform 1 is YCbCr, 0 none. */
function adobeMarker(isYcbcr: boolean): Uint8Array {
  return Uint8Array.of(0xff, 0xee, 0, 14, 0x41, 0x64, 0x6f, 0x62, 0x65, 0, 100, 0, 0, 0, 0, isYcbcr ? 1 : 0);
}
