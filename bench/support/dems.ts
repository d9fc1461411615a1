import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { getCrs, openRaster, writeGeotiff, type Raster } from "../../src/index.ts";

/** Cells of a DEM; of larger ones a window in the middle is taken. */
const MAX_CELLS = 4_000_000;

export function run(command: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8", maxBuffer: 1 << 30 });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${stderr}`);
  return stdout;
}

export async function infoOf(path: string): Promise<Raster["info"]> {
  await using raster = await openRaster(path);
  return raster.info;
}

/** Every DEM below `TILTH_REAL_DATA`/dem that both programs open, and one with holes. @param path for what is made */
export async function* listDems(path: (name: string) => string): AsyncGenerator<{ name: string; dem: string }> {
  const data = join(process.env["TILTH_REAL_DATA"] ?? "", "dem");
  const names = readdirSync(data, { recursive: true, encoding: "utf8" }).filter((name) =>
    /\.(?:tif|asc|hgt)$/.test(name),
  );
  for (const name of names) {
    const { width, height } = await infoOf(join(data, name));
    const dem = width * height > MAX_CELLS ? path("window.tif") : join(data, name);
    const window = ["-srcwin", `${Math.floor(width / 3)}`, `${Math.floor(height / 3)}`, "1500", "1200"];
    if (width * height > MAX_CELLS) run("gdal_translate", ["-q", ...window, join(data, name), dem]);
    yield { name, dem };
  }
  await writeHoles(path("holes.tif"));
  yield { name: "holes", dem: path("holes.tif") };
}

/** Hills with holes and a plain, whose nodata is a number. */
async function writeHoles(path: string): Promise<void> {
  const [width, height] = [700, 500];
  const pixels = Float32Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    if ((x * 7 + y * 13) % 97 === 0 || (x > 300 && x < 340 && y > 90 && y < 140)) return -9999;
    return x < 100 ? 250 : 400 + 120 * Math.sin(x / 17) * Math.cos(y / 23) + ((x * y) % 11) / 10;
  });
  const band = {
    type: "float32",
    description: "",
    nodata: -9999,
    scale: 1,
    offset: 0,
    unit: "",
    color: "gray",
  } as const;
  const info = { width, height, bands: [band], crs: getCrs("EPSG:32632"), affine: [10, 0, 5e5, 0, -10, 5e6] as const };
  async function* strips() {
    yield { height, bands: [pixels] };
  }
  await writeGeotiff(path, { info }, strips());
}
