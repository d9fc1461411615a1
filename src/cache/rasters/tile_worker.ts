import { transferred, type Transferred } from "../../concurrency/index.ts";
import {
  decodeElevation,
  decodeTile,
  encodeElevation,
  encodeTile,
  type ElevationEncoding,
  type EncodedTile,
} from "../../raster/index.ts";
import { halveColors, halveMetres, paintWindow, type TilePixels, type WindowPixels } from "./tile_pixels.ts";

/** On a thread: a tile out of a window; null when nothing of it is data. */
export async function encodeWindow(window: WindowPixels, how: TilePixels): Promise<Transferred<EncodedTile | null>> {
  return encode(how.elevation === null ? paintWindow(window, how) : heightsOf(window, how.elevation), how);
}

/** On a thread: a tile out of the four below it. */
export async function encodeParent(
  children: readonly (Uint8Array | null)[],
  how: TilePixels,
): Promise<Transferred<EncodedTile | null>> {
  const images = await Promise.all(children.map(async (child) => (child === null ? null : decodeTile(child))));
  const { elevation } = how;
  if (elevation === null)
    return encode(
      halveColors(
        images.map((image) => image?.data ?? null),
        how,
      ),
      how,
    );
  const metres = images.map((image) => (image === null ? null : decodeElevation(image, elevation)));
  return encode(encodeElevation(halveMetres(metres, how), elevation), how);
}

function heightsOf({ bands, validity }: WindowPixels, elevation: ElevationEncoding): Uint8Array<ArrayBuffer> {
  const metres = Float32Array.from(bands[0] ?? []);
  const valid = validity[0] ?? null;
  if (valid !== null) for (let i = 0; i < metres.length; i++) if (valid[i] === 0) metres[i] = Number.NaN;
  return encodeElevation(metres, elevation);
}

async function encode(
  data: Uint8Array<ArrayBuffer>,
  { width, height, encoding }: TilePixels,
): Promise<Transferred<EncodedTile | null>> {
  if (isClear(data)) return transferred(null, []);
  const tile = await encodeTile({ width, height, channels: 4, data }, encoding);
  return transferred(tile, [tile.data.buffer]);
}

function isClear(rgba: Uint8Array): boolean {
  for (let at = 3; at < rgba.length; at += 4) if (rgba[at] !== 0) return false;
  return true;
}
