import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { measure, type Measured } from "./measure.ts";

/** mapproxy-seed into a GeoPackage, or null when it is not installed. `best` uses the settings that were found to be its fastest. */
export async function runMapproxySeed(
  template: string,
  maxZoom: number,
  mode: "defaults" | "best",
): Promise<Measured | null> {
  if (spawnSync("mapproxy-seed", ["--version"]).error !== undefined) return null;
  const folder = mkdtempSync(join(tmpdir(), "tilth-mapproxy-"));
  try {
    writeFileSync(join(folder, "mapproxy.yaml"), mapproxyConfig(template, maxZoom, mode));
    writeFileSync(
      join(folder, "seed.yaml"),
      `seeds:\n  all:\n    caches: [c]\n    levels: { from: 0, to: ${maxZoom} }\n`,
    );
    const workers = mode === "best" ? "4" : "2";
    return await measure(
      "mapproxy-seed",
      ["-f", join(folder, "mapproxy.yaml"), "-s", join(folder, "seed.yaml"), "-c", workers, "-q"],
      { cwd: folder },
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function mapproxyConfig(template: string, maxZoom: number, mode: "defaults" | "best"): string {
  const url = template.replace("{z}", "%(z)s").replace("{x}", "%(x)s").replace("{y}", "%(y)s");
  const best =
    mode === "best" ? "    bulk_meta_tiles: true\n    meta_size: [4, 4]\n    concurrent_tile_creators: 4\n" : "";
  return `
services: { demo: }
grids:
  g: { base: GLOBAL_WEBMERCATOR, num_levels: ${maxZoom + 1} }
sources:
  s: { type: tile, grid: g, url: "${url}" }
caches:
  c:
    grids: [g]
    sources: [s]
    format: image/png
${best}    cache: { type: geopackage, filename: ./out.gpkg, table_name: c }
`;
}
