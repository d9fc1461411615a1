import { open, type FileHandle } from "node:fs/promises";
import { throwIfAborted } from "../../core/index.ts";
import { fileError } from "../file_source.ts";
import { even, fieldsOf, headerOf, MAX_CLASSIC_BYTES } from "./file_head.ts";
import { FRAME_BYTES } from "./frame_block.ts";
import type { LevelWriter } from "./level_writer.ts";
import { directoryBytes, writeDirectory } from "./write_directory.ts";
import type { WriteInfo, WritePlan } from "./write_options.ts";

/**
 * GDAL's note to readers that fetch parts (its COG driver's documentation, "Header ghost area"): blocks row by row, the size of each before it,
 * its last 4 bytes again behind it.
 */
const NOTES =
  "LAYOUT=IFDS_BEFORE_DATA\nBLOCK_ORDER=ROW_MAJOR\nBLOCK_LEADER=SIZE_AS_UINT4\nBLOCK_TRAILER=LAST_4_BYTES_REPEATED\nKNOWN_INCOMPATIBLE_EDITION=NO\n ";
const GHOST = `GDAL_STRUCTURAL_METADATA_SIZE=${String(NOTES.length).padStart(6, "0")} bytes\n${NOTES}`;

/** Puts header, directories and blocks into one file: directories first, then the blocks from the smallest level to the image. */
export async function assembleFile(
  path: string,
  info: WriteInfo,
  plan: WritePlan,
  levels: readonly LevelWriter[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const handle = await open(path, "w").catch((error: unknown) => {
    throw fileError(path, error);
  });
  try {
    for await (const bytes of listParts(info, plan, levels)) {
      throwIfAborted(signal);
      await append(handle, bytes);
    }
    await handle.sync();
  } catch (error) {
    throw error instanceof Error && "syscall" in error ? fileError(path, error) : error;
  } finally {
    await handle.close();
  }
}

async function append(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += (await handle.write(bytes, at)).bytesWritten;
}

async function* listParts(
  info: WriteInfo,
  plan: WritePlan,
  levels: readonly LevelWriter[],
): AsyncGenerator<Uint8Array, void, undefined> {
  const frameBytes = plan.cog ? FRAME_BYTES : 0;
  const dataBytes = levels.reduce((sum, { spool }) => sum + spool.sizeBytes, 0);
  const isBig = plan.bigTiff ?? dataBytes + 16 * 1024 * 1024 > MAX_CLASSIC_BYTES;
  const ghost = plan.cog ? Buffer.from(GHOST, "latin1") : Buffer.alloc(0);
  const first = even((isBig ? 16 : 8) + ghost.length);
  // The sizes of directories do not depend on the offsets in them.
  const sizes = levels.map((level, i) =>
    directoryBytes(fieldsOf({ info, plan, level, index: i }, level.spool.sizes, isBig), isBig),
  );
  let at = sizes.reduce((sum, size) => sum + size, first);
  const offsets = levels.map((): number[] => []);
  for (let i = levels.length - 1; i >= 0; i--) {
    for (const size of levels[i]?.spool.sizes ?? []) {
      offsets[i]?.push(at + frameBytes);
      at += size + 2 * frameBytes;
    }
  }
  yield Buffer.concat([headerOf(first, isBig), ghost], first);
  let offset = first;
  for (const [i, level] of levels.entries()) {
    const next = i + 1 < levels.length ? offset + (sizes[i] as number) : 0;
    yield writeDirectory(fieldsOf({ info, plan, level, index: i }, offsets[i] as number[], isBig), offset, next, isBig);
    offset += sizes[i] as number;
  }
  for (const { spool } of levels.toReversed()) yield* spool.chunks();
}
