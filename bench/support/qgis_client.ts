import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Judged } from "./gdal_client.ts";

export interface Qgis {
  readonly python: string;
  readonly version: string;
}

/** The Python that has QGIS; null where there is none. */
export function findQgis(): Qgis | null {
  for (const python of ["/usr/bin/python3", "python3"]) {
    const done = spawnSync(python, ["-c", "import qgis.core; print(qgis.core.Qgis.QGIS_VERSION.split('-')[0])"], {
      encoding: "utf8",
    });
    if (done.status === 0) return { python, version: done.stdout.trim() };
  }
  return null;
}

const SCRIPT = fileURLToPath(new URL("qgis_window.py", import.meta.url));

/** What QGIS opens as a raster layer of its provider `wms`. XYZ layers are Web Mercator by definition. */
export function qgisWays({ name, url, grid, maxZoom, window }: Judged): Record<string, string> {
  const wmts = (capabilities: string): string => {
    const layer = { crs: window.crs, dpiMode: "7", format: "image/png", layers: name, styles: "default" };
    return String(new URLSearchParams({ ...layer, tileMatrixSet: grid.id, url: capabilities }));
  };
  const xyz = new URLSearchParams({
    type: "xyz",
    url: `${url}/tiles/${name}/{z}/{x}/{y}.png`,
    zmax: `${maxZoom}`,
    zmin: "0",
  });
  return {
    "WMTS by its document": wmts(`${url}/wmts/1.0.0/WMTSCapabilities.xml`),
    "WMTS by GetCapabilities": wmts(`${url}/wmts?SERVICE=WMTS&REQUEST=GetCapabilities`),
    ...(window.crs === "EPSG:3857" ? { XYZ: String(xyz) } : {}),
  };
}

/** The window's picture (PNG) as QGIS draws it, without a screen and with a profile of its own. @throws Error with QGIS's words */
export function readQgis({ python }: Qgis, uri: string, { window, work }: Judged): Buffer {
  const { crs, box, width, height } = window;
  const out = join(work, "window.png");
  const env = { ...process.env, HOME: work, QGIS_CUSTOM_CONFIG_PATH: work, QT_QPA_PLATFORM: "offscreen" };
  const args = [SCRIPT, out, crs, String(width), String(height), ...box.map(String), "wms", uri];
  const done = spawnSync(python, args, { encoding: "utf8", env, timeout: 120_000 });
  if (done.status !== 0) throw new Error(`${done.stderr}`);
  return readFileSync(out);
}
