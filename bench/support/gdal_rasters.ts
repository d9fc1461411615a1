import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** What GDAL reads in a raster; see `gdal_rasters.py`. */
export interface GdalRaster {
  readonly driver: string;
  readonly width: number;
  readonly height: number;
  readonly types: readonly (string | null)[];
  readonly nodata: readonly (string | null)[];
  readonly scales: readonly (readonly [number | null, number | null])[];
  readonly descriptions: readonly string[];
  /** GDAL's order: c, a, b, f, d, e. */
  readonly transform: readonly number[] | null;
  readonly gcps: number;
  readonly crs: string | null;
  readonly sameCrs: boolean | null;
  readonly overviews: readonly (readonly [number, number])[];
  readonly overviewDigests: readonly string[];
  readonly maskDigest: string | null;
  /** SHA-256 of each band's pixels, row by row, in this machine's order. */
  readonly digests: readonly string[];
}

export const PYTHON = existsSync("/usr/bin/python3") ? "/usr/bin/python3" : "python3";

/** One Python process that is asked file after file. */
export function openGdal(): {
  read(path: string, wkt: string | null, raw: string | null): Promise<GdalRaster | { error: string }>;
  close(): void;
} {
  const script = fileURLToPath(new URL("gdal_rasters.py", import.meta.url));
  const child = spawn(PYTHON, [script], { stdio: ["pipe", "pipe", "ignore"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async read(path, wkt, raw) {
      child.stdin.write(`${JSON.stringify({ path, wkt, raw })}\n`);
      const { value, done } = await lines.next();
      if (done === true) throw new Error("GDAL is not here: apt-get install python3-gdal");
      return JSON.parse(value) as GdalRaster | { error: string };
    },
    close: () => child.stdin.end(),
  };
}
