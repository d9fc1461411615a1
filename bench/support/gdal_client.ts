import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TileMatrixSet } from "../../src/index.ts";

/** What is looked at through a client. */
export interface Judged {
  /** Of the cache. */
  readonly name: string;
  /** Of the server, without a slash at the end. */
  readonly url: string;
  readonly grid: TileMatrixSet;
  readonly maxZoom: number;
  readonly window: {
    readonly crs: string;
    /** East and north of the lower left, of the upper right. */
    readonly box: readonly [minX: number, minY: number, maxX: number, maxY: number];
    readonly width: number;
    readonly height: number;
  };
  /** A folder for files. */
  readonly work: string;
}

/** What GDAL opens, by the way that it takes to the tiles. */
export function gdalWays(judged: Judged): Record<string, string> {
  const { name, url, maxZoom, work } = judged;
  const capabilities = `${url}/wmts/1.0.0/WMTSCapabilities.xml`;
  return {
    "WMTS by paths": `WMTS:${capabilities},layer=${name},zoom_level=${maxZoom}`,
    "WMTS by paths, all levels": `WMTS:${capabilities},layer=${name}`,
    "WMTS by key-value pairs": `WMTS:${join(work, "kvp.xml")},layer=${name},zoom_level=${maxZoom}`,
    "TMS driver on /tiles": tmsFile(judged, `${url}/tiles/${name}`, "top"),
    "TMS driver on /tms": tmsFile(judged, `${url}/tms/1.0.0/${name}`, "bottom"),
  };
}

/** A description for the TMS minidriver, written to a file; its rows begin at the top or at the bottom. */
function tmsFile({ name, grid, maxZoom, work }: Judged, address: string, origin: "top" | "bottom"): string {
  const { pointOfOrigin, cellSize, matrixWidth, matrixHeight, tileWidth } = grid.getMatrix(0);
  const [left, top] = pointOfOrigin;
  const side = cellSize * tileWidth;
  const path = join(work, `${name}_${origin}.xml`);
  writeFileSync(
    path,
    `<GDAL_WMS>
  <Service name="TMS"><ServerUrl>${address}/\${z}/\${x}/\${y}.png</ServerUrl></Service>
  <DataWindow>
    <UpperLeftX>${left}</UpperLeftX><UpperLeftY>${top}</UpperLeftY>
    <LowerRightX>${left + side * matrixWidth}</LowerRightX><LowerRightY>${top - side * matrixHeight}</LowerRightY>
    <TileLevel>${maxZoom}</TileLevel><TileCountX>${matrixWidth}</TileCountX><TileCountY>${matrixHeight}</TileCountY><YOrigin>${origin}</YOrigin>
  </DataWindow>
  <Projection>${grid.crs.code}</Projection>
  <BlockSizeX>${tileWidth}</BlockSizeX><BlockSizeY>${tileWidth}</BlockSizeY><BandsCount>3</BandsCount>
</GDAL_WMS>
`,
  );
  return path;
}

/** Red, green, blue of the window through GDAL, `factor` pixels of it in one. @throws Error with GDAL's words */
export function readGdal(source: string, { window, work }: Judged, factor: number): Buffer {
  const { box, width, height } = window;
  const [minX, minY, maxX, maxY] = box.map(String) as [string, string, string, string];
  const out = join(work, "window.bin");
  const size = [String(width / factor), String(height / factor)];
  const args = ["-q", "-of", "ENVI", "-co", "INTERLEAVE=BIP", "-b", "1", "-b", "2", "-b", "3", "-r", "nearest"];
  const done = spawnSync(
    "gdal_translate",
    [...args, "-outsize", ...size, "-projwin", minX, maxY, maxX, minY, source, out],
    {
      encoding: "utf8",
      env: { ...process.env, GDAL_DEFAULT_WMS_CACHE_PATH: join(work, "cache"), GDAL_HTTP_TIMEOUT: "30" },
    },
  );
  if (done.status !== 0 || /ERROR/.test(done.stderr)) throw new Error(`${source}: ${done.stderr}`);
  return readFileSync(out);
}
