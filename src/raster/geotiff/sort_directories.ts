import { isTilthError } from "../../core/index.ts";
import { FieldValues } from "./field_values.ts";
import { readLayout, type ImageLayout } from "./image_layout.ts";
import type { TiffFile } from "./read_directories.ts";
import { TAG } from "./tiff_tags.ts";

export interface TiffPage {
  readonly fields: FieldValues;
  readonly layout: ImageLayout;
}

/** The image, its overviews from large to small, and the mask of each. */
export interface SortedPages {
  readonly images: readonly { readonly page: TiffPage; readonly mask: TiffPage | null }[];
  /** Further images in the file that are none of these. */
  readonly others: number;
}

const REDUCED = 1;
const MASK = 4;

/** Which directory is what, by NewSubfileType and size. The first is the image. @throws as `readLayout`, of the first */
export async function sortDirectories(file: TiffFile, signal?: AbortSignal): Promise<SortedPages> {
  const [first, ...rest] = file.directories.map((directory) => new FieldValues(file, directory, signal));
  const main: TiffPage = {
    fields: first as FieldValues,
    layout: await readLayout(first as FieldValues, file.littleEndian),
  };
  const overviews: TiffPage[] = [];
  const masks: TiffPage[] = [];
  let others = 0;
  for (const fields of rest) {
    const kind = await fields.number(TAG.newSubfileType, 0).catch(ignoreFault);
    const page = kind === null ? null : await readPage(fields, file.littleEndian);
    if (page !== null && kind !== null && (kind & MASK) !== 0 && page.layout.samples === 1) masks.push(page);
    else if (page !== null && kind !== null && (kind & REDUCED) !== 0 && isOverviewOf(page.layout, main.layout))
      overviews.push(page);
    else others++;
  }
  overviews.sort((one, other) => other.layout.width - one.layout.width);
  const images = [main, ...overviews].map((page) => ({
    page,
    mask: masks.find((mask) => hasSize(mask, page)) ?? null,
  }));
  return { images, others };
}

/** Null for a directory that cannot be read: the image itself may be whole. */
async function readPage(fields: FieldValues, littleEndian: boolean): Promise<TiffPage | null> {
  const layout = await readLayout(fields, littleEndian).catch(ignoreFault);
  return layout === null ? null : { fields, layout };
}

function ignoreFault(error: unknown): null {
  if (isTilthError(error) && error.code.startsWith("raster.")) return null;
  throw error;
}

function isOverviewOf(one: ImageLayout, main: ImageLayout): boolean {
  return one.samples === main.samples && one.type === main.type && one.width <= main.width && one.height <= main.height;
}

const hasSize = (one: TiffPage, other: TiffPage): boolean =>
  one.layout.width === other.layout.width && one.layout.height === other.layout.height;
