import { getCrs, writeGeotiff, type RasterStrip } from "../../src/index.ts";

/** Cells on a side. */
export const DEM_SIDE = 4096;

/** Rolling ground with some noise, so that it compresses as a real DEM does. */
function heightAt(x: number, y: number): number {
  const noise = (Math.imul(x * 374_761_393 + y * 668_265_263, 1_274_126_177) >>> 24) / 255;
  return 900 + 300 * Math.sin(x / 170) * Math.cos(y / 230) + 60 * Math.sin((x + 2 * y) / 37) + noise;
}

/** 4096 x 4096 cells of 30 m in EPSG:32632. @param hasHoles 20 x 20 cells without a height in each 500 x 400 */
export async function writeMadeDem(path: string, type: "float32" | "int16", hasHoles = false): Promise<void> {
  const band = { type, description: "", nodata: -9999, scale: 1, offset: 0, unit: "", color: "gray" } as const;
  const affine = [30, 0, 5e5, 0, -30, 5e6] as const;
  const info = { width: DEM_SIDE, height: DEM_SIDE, bands: [band], crs: getCrs("EPSG:32632"), affine };
  await writeGeotiff(path, { info }, strips(type, hasHoles));
}

async function* strips(type: "float32" | "int16", hasHoles: boolean): AsyncGenerator<RasterStrip> {
  for (let y0 = 0; y0 < DEM_SIDE; y0 += 256) {
    const pixels = type === "int16" ? new Int16Array(DEM_SIDE * 256) : new Float32Array(DEM_SIDE * 256);
    for (let i = 0; i < pixels.length; i++) {
      const [x, y] = [i % DEM_SIDE, y0 + Math.floor(i / DEM_SIDE)];
      pixels[i] = hasHoles && x % 500 < 20 && y % 400 < 20 ? -9999 : heightAt(x, y);
    }
    yield { height: 256, bands: [pixels] };
  }
}
