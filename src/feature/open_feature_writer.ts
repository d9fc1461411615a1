import { extname } from "node:path";
import { TilthError } from "../core/index.ts";
import type { FeatureFileOptions, FeatureWriter } from "./feature_writer.ts";

/** Formats by the end of a file's name. Loaded when they are needed: threads that make features need none of them. */
const FORMATS: Readonly<Record<string, (path: string, options: FeatureFileOptions) => Promise<FeatureWriter>>> = {
  ".gpkg": async (path, options) =>
    (await import("./geopackage/open_geopackage_writer.ts")).openGeopackageWriter(path, options),
};

/**
 * A file to be made, in the format that its name ends with.
 * @throws `argument.invalid` for another ending; what the format throws
 */
export async function openFeatureWriter(path: string, options: FeatureFileOptions): Promise<FeatureWriter> {
  const open = FORMATS[extname(path).toLowerCase()];
  if (open !== undefined) return open(path, options);
  const endings = Object.keys(FORMATS).join(", ");
  throw new TilthError("argument.invalid", `expected a file that ends with ${endings}, got '${path}'`, {
    fields: { path },
  });
}
