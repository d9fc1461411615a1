import { TilthError } from "../../core/index.ts";
import type { CalcInput, Raster } from "../../raster/index.ts";

export interface NamedFile {
  /** Null for the one file that is called by its bands alone. */
  readonly name: string | null;
  readonly file: string;
  /** Index from 0; null for all. */
  readonly band: number | null;
}

/**
 * `nir=image.tif:4` is band 4 under a name; `a=image.tif` is band 1, and `a.b2` band 2; a file without a name gives `b1`, `b2` ...
 * @throws `argument.invalid`
 */
export function parseCalcInput(text: string): NamedFile {
  const match = /^(?:([A-Za-z_]\w*)=)?(.+?)(?::(\d{1,5}))?$/.exec(text);
  const file = match?.[2] ?? "";
  const band = match?.[3] === undefined ? null : Number(match[3]) - 1;
  if (file !== "" && band !== -1) return { name: match?.[1] ?? null, file, band };
  throw new TilthError("argument.invalid", `expected an input FILE, NAME=FILE or NAME=FILE:BAND, got '${text}'`);
}

/** The bands that a formula may name. @throws `argument.invalid` for a name that is given twice and a band that is not there */
export function nameBands(files: readonly NamedFile[], rasters: readonly Raster[]): Map<string, CalcInput> {
  const inputs = new Map<string, CalcInput>();
  const add = (name: string, raster: Raster, band: number): void => {
    if (inputs.has(name))
      throw new TilthError("argument.invalid", `expected each name once, got '${name}' twice: use NAME=FILE:BAND`);
    inputs.set(name, { raster, band });
  };
  files.forEach(({ name, file, band }, i) => {
    const raster = rasters[i] as Raster;
    const count = raster.info.bands.length;
    if (band !== null && band >= count)
      throw new TilthError("argument.invalid", `expected a band of 1 to ${count} of ${file}, got ${band + 1}`);
    if (name !== null) add(name, raster, band ?? 0);
    const prefix = name === null ? "" : `${name}.`;
    if (band === null) for (let one = 0; one < count; one++) add(`${prefix}b${one + 1}`, raster, one);
    else if (name === null) add(`b${band + 1}`, raster, band);
  });
  return inputs;
}
