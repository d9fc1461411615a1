import { TilthError } from "../core/index.ts";

type Fields = Readonly<Record<string, unknown>>;

/** The file contradicts its own format. */
export function damaged(what: string, fields?: Fields, cause?: unknown): TilthError {
  return new TilthError("raster.damaged", `the raster is damaged: ${what}`, { fields, cause });
}

export function truncated(what: string, fields?: Fields): TilthError {
  return new TilthError("raster.truncated", `the raster was cut short: ${what}`, { fields });
}

/** @param feature as a noun: "complex samples" */
export function unsupported(feature: string, fields?: Fields): TilthError {
  return new TilthError("raster.unsupported", `${feature} cannot be read here; convert the file with another program`, {
    fields,
  });
}

export function tooLarge(what: string, fields?: Fields): TilthError {
  return new TilthError("raster.tooLarge", what, { fields });
}
