import { stat } from "node:fs/promises";
import {
  openRaster,
  writeGeotiff,
  type OverviewResampling,
  type WriteCompression,
  type WriteGeotiffOptions,
} from "../../raster/index.ts";
import { oneOf, requireTiffPath } from "../arguments.ts";
import { EXIT } from "../exit_codes.ts";
import { listenForStop } from "../stop_signals.ts";
import { Terminal, type GlobalOptions } from "../terminal.ts";

export interface ConvertArguments {
  out?: string;
  cog?: boolean;
  compression: string;
  predictor?: number;
  level?: number;
  quality?: number;
  blockSize?: number;
  resampling?: string;
  bigtiff?: boolean;
}

/** Writes a raster anew as tiled GeoTIFF or COG, with the same pixels. */
export async function runRasterConvert(file: string, options: ConvertArguments & GlobalOptions): Promise<number> {
  const terminal = new Terminal(options);
  using stop = listenForStop((text) => terminal.say(text));
  const out = requireTiffPath(options.out);
  const from = performance.now();
  await using raster = await openRaster(file);
  if (raster.info.mask === "mask")
    terminal.say("warning: the mask of the file is left out; its pixels stay as they are");
  await writeGeotiff(
    out,
    { info: raster.info, options: writeOptionsOf(options) },
    raster.listWindows({ signal: stop.signal }),
    stop.signal,
  );
  const { size } = await stat(out);
  const seconds = Number(((performance.now() - from) / 1000).toFixed(2));
  const { width, height, bands } = raster.info;
  terminal.answer(
    { file, out, width, height, bands: bands.length, bytes: size, seconds },
    `${out}: ${width} x ${height} pixels, ${size} bytes, ${seconds} s`,
  );
  return EXIT.whole;
}

function writeOptionsOf(options: ConvertArguments): WriteGeotiffOptions {
  const { cog, level, quality, blockSize, bigtiff } = options;
  return {
    cog,
    level,
    quality,
    blockSize,
    bigTiff: bigtiff,
    compression: oneOf<WriteCompression>("--compression", options.compression, [
      "none",
      "lzw",
      "deflate",
      "zstd",
      "jpeg",
      "webp",
    ]),
    predictor:
      options.predictor === undefined ? undefined : oneOf<1 | 2 | 3>("--predictor", options.predictor, [1, 2, 3]),
    resampling:
      options.resampling === undefined
        ? undefined
        : oneOf<OverviewResampling>("--resampling", options.resampling, ["average", "nearest"]),
  };
}
