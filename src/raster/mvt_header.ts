import { cutShort, type TileInspection } from "./tile_format.ts";

const MVT: TileInspection = { format: "mvt", width: null, height: null };

/** Protobuf key of `Tile.layers`: field 3, length-delimited (Mapbox Vector Tile 2.1, 4.1). */
const LAYER_KEY = 0x1a;

/** Shortest possible gzip member: 10 bytes header, 2 of data, 8 trailer. */
const MIN_GZIP_BYTES = 20;

export function isGzip(data: Uint8Array): boolean {
  return data[0] === 0x1f && data[1] === 0x8b && data[2] === 8;
}

/** A gzip body counts as an MVT; whether its content is whole is only known by decoding (see `decodeTile`). */
export function inspectGzip(data: Uint8Array): TileInspection {
  if (data.length < MIN_GZIP_BYTES) throw cutShort("gzip", data.length, "fewer bytes than an empty gzip file");
  return MVT;
}

/** Walks the layers of a plain MVT to its last byte. null when it is none. */
export function inspectMvt(data: Uint8Array): TileInspection | null {
  if (data[0] !== LAYER_KEY) return null;
  let offset = 0;
  while (offset < data.length) {
    if (data[offset] !== LAYER_KEY) return null;
    const length = readVarint(data, offset + 1);
    if (length === null) throw cutShort("MVT", data.length, "a layer's length is not whole");
    offset = length.next + length.value;
  }
  if (offset > data.length) throw cutShort("MVT", data.length, "fewer bytes than its layers say");
  return MVT;
}

function readVarint(data: Uint8Array, start: number): { value: number; next: number } | null {
  let value = 0;
  for (let index = 0; index < 5; index++) {
    const byte = data[start + index];
    if (byte === undefined) return null;
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { value, next: start + index + 1 };
  }
  return null;
}
