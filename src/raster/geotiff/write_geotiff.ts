import { rename, rm } from "node:fs/promises";
import { throwIfAborted, TilthError } from "../../core/index.ts";
import { fileError } from "../file_source.ts";
import { bytesPerPixel, type PixelArray } from "../pixel_type.ts";
import { assembleFile } from "./assemble_file.ts";
import { BlockPacker } from "./block_packer.ts";
import { completeFile, planHead } from "./complete_file.ts";
import { LevelWriter } from "./level_writer.ts";
import { Spool } from "./spool.ts";
import {
  listLevels,
  planWrite,
  type LevelSize,
  type WriteGeotiffOptions,
  type WriteInfo,
  type WritePlan,
} from "./write_options.ts";

/** Whole rows of all bands, `height` of them; a window of `Raster.listWindows` is one. */
export interface RasterStrip {
  readonly height: number;
  readonly bands: readonly PixelArray<ArrayBufferLike>[];
  /** Called when the pixels were taken: their memory may be used again. */
  readonly release?: () => void;
}

/**
 * Writes a tiled GeoTIFF, or a COG, out of strips from the top to the bottom. Blocks are packed on threads; for each level a row of blocks is held. The
 * file has its name only when it is whole: an earlier one stays until then, and for good when this throws.
 * @throws `argument.invalid` for options or strips that do not fit, `cancelled`, `store.io`, `store.full`, and what `strips` throws
 */
export async function writeGeotiff(
  path: string,
  { info, options = {} }: { info: WriteInfo; options?: WriteGeotiffOptions },
  strips: AsyncIterable<RasterStrip>,
  signal?: AbortSignal,
): Promise<void> {
  const plan = planWrite(info, options);
  const spools: Spool[] = [];
  const partial = `${path}.partial`;
  await using packer = new BlockPacker(imageBytes(info, plan), options.threads, signal);
  try {
    const headBytes = planHead(info, plan);
    const levels = await openLevels(partial, info, plan, packer, spools, headBytes);
    const [first] = levels as [LevelWriter];
    await fill(first, info, strips, signal);
    await packer.finish();
    if (headBytes === null) await assembleFile(partial, info, plan, levels, signal);
    else await completeFile(info, plan, first);
    throwIfAborted(signal);
    await rename(partial, path).catch((error: unknown) => {
      throw fileError(path, error);
    });
  } finally {
    await Promise.all([rm(partial, { force: true }), ...spools.map((spool) => spool.remove())]);
  }
}

function imageBytes({ width, height, bands }: WriteInfo, { type }: WritePlan): number {
  return width * height * bands.length * bytesPerPixel(type);
}

async function openLevels(
  partial: string,
  info: WriteInfo,
  plan: WritePlan,
  packer: BlockPacker,
  spools: Spool[],
  headBytes: number | null,
): Promise<LevelWriter[]> {
  const sizes = listLevels(info, plan);
  const levels: LevelWriter[] = [];
  for (let i = sizes.length - 1; i >= 0; i--) {
    const spool = await (headBytes === null ? Spool.open(`${partial}.${i}`) : Spool.open(partial, headBytes));
    spools.push(spool);
    const size = sizes[i] as LevelSize;
    levels.unshift(
      new LevelWriter({
        size,
        spool,
        plan,
        packer,
        bands: info.bands.length,
        next: levels[0] ?? null,
        isFirst: i === 0,
      }),
    );
  }
  return levels;
}

async function fill(
  level: LevelWriter,
  { width, height, bands }: WriteInfo,
  strips: AsyncIterable<RasterStrip>,
  signal: AbortSignal | undefined,
): Promise<void> {
  for await (const strip of strips) {
    throwIfAborted(signal);
    const fits =
      strip.bands.length === bands.length && strip.bands.every((band) => band.length === width * strip.height);
    if (!fits || strip.height > level.missing)
      throw new TilthError(
        "argument.invalid",
        `expected strips of ${bands.length} bands, ${width} columns and ${height} rows in all, got others`,
      );
    await level.push(strip.bands, strip.height);
    strip.release?.();
  }
  if (level.missing > 0)
    throw new TilthError("argument.invalid", `expected ${height} rows in all, got ${height - level.missing}`);
}
