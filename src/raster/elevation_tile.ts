import type { RgbaImage } from "./pixels.ts";

/** How metres are written into the colours of a tile. */
export type ElevationEncoding = "terrarium" | "terrainRgb";

interface Codec {
  readonly toMetres: (red: number, green: number, blue: number) => number;
  /** 24 bits: red the highest. */
  readonly fromMetres: (metres: number) => number;
}

/**
 * terrarium (Mapzen "Terrain tiles", format specification): red * 256 + green + blue / 256 - 32768, steps of 1/256 m.
 * terrainRgb (Mapbox Terrain-RGB v1): -10000 + 24 bits * 0.1, steps of 0.1 m.
 */
const CODECS: Readonly<Record<ElevationEncoding, Codec>> = {
  terrarium: {
    toMetres: (red, green, blue) => red * 256 + green + blue / 256 - 32_768,
    fromMetres: (metres) => Math.round((metres + 32_768) * 256),
  },
  terrainRgb: {
    toMetres: (red, green, blue) => -10_000 + (red * 65_536 + green * 256 + blue) * 0.1,
    fromMetres: (metres) => Math.round((metres + 10_000) * 10),
  },
};

const MOST = 0xff_ff_ff;

/** Metres of each pixel, row-major from the top; NaN where alpha is 0. */
export function decodeElevation(
  { data }: Pick<RgbaImage, "data">,
  encoding: ElevationEncoding,
  out = new Float32Array(data.length / 4),
): Float32Array {
  const { toMetres } = CODECS[encoding];
  for (let i = 0, at = 0; at < data.length; i++, at += 4) {
    const clear = data[at + 3] === 0;
    out[i] = clear ? Number.NaN : toMetres(data[at] as number, data[at + 1] as number, data[at + 2] as number);
  }
  return out;
}

/** RGBA of metres: NaN becomes a clear pixel, and what the encoding cannot say its lowest or highest value. */
export function encodeElevation(metres: Float32Array, encoding: ElevationEncoding): Uint8Array<ArrayBuffer> {
  const { fromMetres } = CODECS[encoding];
  const out = new Uint8Array(metres.length * 4);
  for (let i = 0, at = 0; i < metres.length; i++, at += 4) {
    const value = metres[i] as number;
    if (Number.isNaN(value)) continue;
    const bits = Math.min(MOST, Math.max(0, fromMetres(value)));
    out[at] = bits >>> 16;
    out[at + 1] = (bits >>> 8) & 255;
    out[at + 2] = bits & 255;
    out[at + 3] = 255;
  }
  return out;
}
