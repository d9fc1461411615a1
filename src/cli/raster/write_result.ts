import { stat } from "node:fs/promises";
import {
  writeGeotiff,
  type OverviewResampling,
  type Raster,
  type WriteCompression,
  type WriteGeotiffOptions,
} from "../../raster/index.ts";
import { oneOf, requireTiffPath } from "../arguments.ts";
import { EXIT } from "../exit_codes.ts";
import { tellRows } from "../row_progress.ts";
import type { Terminal } from "../terminal.ts";

/** What all commands take that write a raster. */
export interface WriteArguments {
  out?: string;
  cog?: boolean;
  compression: string;
  predictor?: number;
  level?: number;
  quality?: number;
  blockSize?: number;
  overviews?: string;
  bigtiff?: boolean;
}

/** Writes a raster and says so. `requireTiffPath(options.out)` is for the command to call before it works. */
export async function writeResult(
  terminal: Terminal,
  raster: Raster,
  options: WriteArguments,
  signal: AbortSignal,
  said: Readonly<Record<string, unknown>> = {},
): Promise<number> {
  const out = requireTiffPath(options.out);
  const from = performance.now();
  const { info } = raster;
  if (info.mask === "mask")
    terminal.say("warning: the mask is left out: pixels without data stay as they are (--nodata gives them a value)");
  const strips = tellRows(raster.listWindows({ signal }), info.height, terminal);
  await writeGeotiff(out, { info, options: writeOptionsOf(options) }, strips, signal);
  const { size: bytes } = await stat(out);
  const seconds = Number(((performance.now() - from) / 1000).toFixed(2));
  const { width, height } = info;
  terminal.answer(
    { ...said, out, width, height, bands: info.bands.length, bytes, seconds },
    `${out}: ${width} x ${height} pixels, ${bytes} bytes, ${seconds} s`,
  );
  return EXIT.whole;
}

const COMPRESSIONS: readonly WriteCompression[] = ["none", "lzw", "deflate", "zstd", "jpeg", "webp"];

/** @throws `argument.invalid` */
export function writeOptionsOf(options: WriteArguments): WriteGeotiffOptions {
  const { cog, level, quality, blockSize, bigtiff, predictor, overviews } = options;
  return {
    cog,
    level,
    quality,
    blockSize,
    bigTiff: bigtiff,
    compression: oneOf<WriteCompression>("--compression", options.compression, COMPRESSIONS),
    predictor: predictor === undefined ? undefined : oneOf<1 | 2 | 3>("--predictor", predictor, [1, 2, 3]),
    resampling:
      overviews === undefined ? undefined : oneOf<OverviewResampling>("--overviews", overviews, ["average", "nearest"]),
  };
}
