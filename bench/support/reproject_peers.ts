import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { measure, type Measured } from "./measure.ts";

/** A job: one level of a grid in another CRS. */
export interface WarpCase {
  name: string;
  /** For the peers. */
  srs: string;
  /** In units of the CRS. */
  bbox: readonly [number, number, number, number];
  resolution: number;
  columns: number;
  rows: number;
  sourceZoom: number;
}

export type WarpFormat = "jpeg" | "png" | "png8";

export function isInstalled(command: string): boolean {
  return spawnSync(command, ["--version"]).error === undefined;
}

/** mapproxy-seed -c 2, bilinear, into a GeoPackage; `png` is true 24-bit, `png8` what it does unless told. */
export function mapproxyWarp(
  folder: string,
  template: string,
  job: WarpCase,
  format: WarpFormat,
): () => Promise<Measured> {
  const place = join(folder, `mapproxy-${job.name}-${format}`);
  return async () => {
    rmSync(place, { recursive: true, force: true });
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, "mapproxy.yaml"), mapproxyConfig(template, job, format));
    writeFileSync(join(place, "seed.yaml"), "seeds:\n  all: { caches: [c], levels: { from: 0, to: 0 } }\n");
    const args = ["-f", join(place, "mapproxy.yaml"), "-s", join(place, "seed.yaml"), "-c", "2", "-q"];
    return measure("mapproxy-seed", args, { cwd: place });
  };
}

export function mapproxyFile(folder: string, job: WarpCase, format: WarpFormat): string {
  return join(folder, `mapproxy-${job.name}-${format}`, "out.gpkg");
}

function mapproxyConfig(template: string, job: WarpCase, format: WarpFormat): string {
  const url = template.replace("{z}", "%(z)s").replace("{x}", "%(x)s").replace("{y}", "%(y)s");
  const image =
    format === "png"
      ? "    paletted: false\n    formats: { f: { format: image/png, mode: RGB, colors: 0, transparent: false } }\n"
      : "";
  const name = format === "jpeg" ? "image/jpeg" : format === "png" ? "f" : "image/png";
  return `
services: { demo: }
globals:
  image:
    resampling_method: bilinear
    jpeg_quality: 85
${image}
grids:
  from: { base: GLOBAL_WEBMERCATOR }
  to: { srs: '${job.srs}', bbox: [${job.bbox.join(", ")}], res: [${job.resolution}], origin: nw, tile_size: [256, 256] }
sources:
  s: { type: tile, grid: from, url: "${url}" }
caches:
  up: { grids: [from], sources: [s], disable_storage: true, format: image/jpeg }
  c: { grids: [to], sources: [up], format: ${name}, cache: { type: geopackage, filename: ./out.gpkg, table_name: c } }
`;
}

/** gdalwarp -multi over HTTP into GeoPackage tiles. */
export function gdalWarp(
  folder: string,
  template: string,
  job: WarpCase,
  format: "jpeg" | "png",
): () => Promise<Measured> {
  const out = gdalFile(folder, job, format);
  const service = writeGdalService(folder, template, job);
  return async () => {
    rmSync(out, { force: true });
    const tiles = ["-of", "GPKG", "-co", `TILE_FORMAT=${format.toUpperCase()}`, "-co", "QUALITY=85"];
    const args = ["-q", "-multi", "-wo", "NUM_THREADS=2", "-r", "bilinear", ...place(job), ...tiles, service, out];
    return measure("gdalwarp", args);
  };
}

export function gdalFile(folder: string, job: WarpCase, format: "jpeg" | "png"): string {
  return join(folder, `gdal-${job.name}-${format}.gpkg`);
}

/** What is right: every pixel transformed, from the same source tiles, as raw bands. */
export function writeExact(folder: string, template: string, job: WarpCase): string {
  const out = join(folder, `exact-${job.name}.img`);
  const args = ["-q", "-overwrite", "-et", "0", "-r", "bilinear", ...place(job), "-of", "ENVI"];
  spawnSync("gdalwarp", [...args, writeGdalService(folder, template, job), out], { stdio: "inherit" });
  return out;
}

/** A GeoPackage as raw bands. */
export function writeRaw(file: string, out: string): string {
  spawnSync("gdal_translate", ["-q", "-of", "ENVI", "-co", "INTERLEAVE=BSQ", file, out], { stdio: "ignore" });
  return out;
}

function place({ srs, bbox, resolution }: WarpCase): string[] {
  return ["-t_srs", srs, "-te", ...bbox.map(String), "-tr", String(resolution), String(resolution)];
}

/** GDAL's description of a tile service with one level. */
function writeGdalService(folder: string, template: string, job: WarpCase): string {
  const url = template.replace("{z}", "${z}").replace("{x}", "${x}").replace("{y}", "${y}");
  const edge = 20_037_508.342789244;
  const path = join(folder, `gdal-${job.name}.xml`);
  writeFileSync(
    path,
    `<GDAL_WMS><Service name="TMS"><ServerUrl>${url}</ServerUrl></Service>
<DataWindow><UpperLeftX>-${edge}</UpperLeftX><UpperLeftY>${edge}</UpperLeftY><LowerRightX>${edge}</LowerRightX><LowerRightY>-${edge}</LowerRightY>
<TileLevel>${job.sourceZoom}</TileLevel><TileCountX>1</TileCountX><TileCountY>1</TileCountY><YOrigin>top</YOrigin></DataWindow>
<OverviewCount>0</OverviewCount>
<Projection>EPSG:3857</Projection><BlockSizeX>256</BlockSizeX><BlockSizeY>256</BlockSizeY><BandsCount>3</BandsCount>
<MaxConnections>8</MaxConnections></GDAL_WMS>`,
  );
  return path;
}
