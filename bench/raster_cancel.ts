// How soon does a raster command end after SIGINT, and what does it leave? node bench/raster_cancel.ts [COMMAND]     after `npm run build`
// Each command runs once to its end, then it is stopped at several points of that time.
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { row, withFolder } from "./support/cases.ts";
import { writeMadeDem } from "./support/made_dem.ts";
import { runUntil } from "./support/run_until.ts";

const MOMENTS = [0.15, 0.3, 0.45, 0.6, 0.75, 0.9, 0.97];
const BEFORE = "what was there before";

/** Words before `--out`; DEM stands for the file. */
const COMMANDS: Readonly<Record<string, { words: string; out: string }>> = {
  convert: { words: "raster convert DEM --cog", out: "out.tif" },
  calc: { words: "raster calc b1*2+sqrt(b1) DEM", out: "out.tif" },
  warp: { words: "raster warp DEM --crs EPSG:3857 --resampling cubic", out: "out.tif" },
  clip: { words: "raster clip DEM --extent 500000,4890000,610000,5000000", out: "out.tif" },
  mosaic: { words: "raster mosaic DEM DEM", out: "out.tif" },
  "fill-nodata": { words: "raster fill-nodata DEM --distance 50", out: "out.tif" },
  slope: { words: "terrain slope DEM", out: "out.tif" },
  curvature: { words: "terrain curvature DEM", out: "out.tif" },
  reclassify: { words: "terrain reclassify DEM --method natural", out: "out.tif" },
  viewshed: { words: "terrain viewshed DEM --observer 563015,4936985", out: "out.tif" },
  contours: { words: "terrain contours DEM --interval 20", out: "out.fgb" },
  "contours, areas": { words: "terrain contours DEM --interval 20 --polygons", out: "out.fgb" },
};

await withFolder(async (path) => {
  const dem = path("dem.tif");
  await writeMadeDem(dem, "float32", true);
  for (const [name, { words, out }] of Object.entries(COMMANDS)) {
    if (process.argv[2] !== undefined && process.argv[2] !== name) continue;
    const args = [...words.split(" ").map((word) => (word === "DEM" ? dem : word)), "--out", path(out)];
    const { code, wholeMs } = await runUntil(args, 2 ** 30);
    if (code !== 0) throw new Error(`${name} ended with ${code}: nothing to stop`);
    let worstMs = 0;
    let stopped = 0;
    let wrong = 0;
    for (const moment of MOMENTS) {
      writeFileSync(path(out), BEFORE);
      const end = await runUntil(args, moment * wholeMs);
      worstMs = Math.max(worstMs, end.endMs);
      const isOld = readFileSync(path(out)).toString("latin1") === BEFORE;
      // Code null: the signal came before the program listened; nothing was begun.
      if (end.code !== 0) stopped++;
      if (isOld !== (end.code !== 0) || (end.code !== 0 && end.code !== 130 && end.code !== null)) wrong++;
      if (readdirSync(path(".")).some((file) => file !== "dem.tif" && file !== out)) wrong++;
      rmSync(path(out), { force: true });
    }
    const figures = `${Math.round(worstMs)} ms at worst, ${stopped} of ${MOMENTS.length} stopped, ${wrong} wrong`;
    row(`${name} (${(wholeMs / 1000).toFixed(1)} s) after SIGINT`, figures, "<= 1000 ms, 0", worstMs <= 1000 && !wrong);
  }
});
