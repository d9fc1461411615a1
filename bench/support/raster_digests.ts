import { createHash } from "node:crypto";
import type { Raster } from "../../src/raster/index.ts";

/** SHA-256 of each band's pixels, row by row. */
export async function digestBands(raster: Raster, overview?: number): Promise<string[]> {
  const { bands } = raster.info;
  const hashes = bands.map(() => createHash("sha256"));
  for await (const window of raster.listWindows({ overview }))
    window.bands.forEach((pixels, i) =>
      hashes[i]?.update(new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength)),
    );
  return hashes.map((hash) => hash.digest("hex"));
}

/** Of the first band's mask: 255 for data, 0 for none. */
export async function digestMask(raster: Raster): Promise<string> {
  const hash = createHash("sha256");
  for await (const { validity, width, height } of raster.listWindows({ bands: [0], validity: true })) {
    const [valid] = validity;
    hash.update(
      valid === null || valid === undefined
        ? new Uint8Array(width * height).fill(255)
        : valid.map((value) => value * 255),
    );
  }
  return hash.digest("hex");
}
