// Peak memory of a seed with a slow writer: 1,000,000 planned tiles against 100,000; it must be flat.
// node bench/memory.ts [SECONDS]     after `npm run build`
import { fileURLToPath } from "node:url";
import { row, withFolder } from "./support/cases.ts";
import { measure } from "./support/measure.ts";
import { startOriginProcess } from "./support/tile_server.ts";

const SLOW_SEED = fileURLToPath(new URL("./support/slow_seed.ts", import.meta.url));

/** Boxes on level 10, whose world has 1,048,576 tiles. */
const AREAS: Record<string, string> = { "100,000": "-60,-60,60,23", "1,000,000": "-180,-85.06,180,85.06" };

interface Result {
  peak: { rss: number; heapTotal: number; external: number; arrayBuffers: number };
  planned: number;
  done: number;
}

async function run(area: string, delayMs: number, seconds: number): Promise<Result> {
  const server = await startOriginProcess({ kind: "noise" });
  try {
    return await withFolder(async (path) => {
      const args = [SLOW_SEED, server.template, path("out.gpkg"), area, String(delayMs), String(seconds)];
      return JSON.parse((await measure(process.execPath, args)).stdout) as Result;
    });
  } finally {
    await server.close();
  }
}

const seconds = Number(process.argv[2] ?? 40);
const peaks: number[] = [];
for (const [name, area] of Object.entries(AREAS)) {
  const { peak, planned, done } = await run(area, 400, seconds);
  peaks.push(peak.rss);
  row(
    `${name} tiles planned (${planned}), slow writer`,
    `peak RSS ${peak.rss} MB after ${done} tiles`,
    "<= 250 MB",
    peak.rss <= 250,
  );
  console.log(`      heap ${peak.heapTotal}, external ${peak.external}, of that buffers ${peak.arrayBuffers} MB`);
}
const fast = await run(AREAS["1,000,000"] ?? "", 0, seconds);
console.log(`      the same, writer at full speed (no bar): peak RSS ${fast.peak.rss} MB after ${fast.done} tiles`);
const growth = (peaks[1] ?? 0) / (peaks[0] ?? 1);
row("1,000,000 against 100,000", `${growth.toFixed(2)} x`, "flat: <= 1.15 x", growth <= 1.15);
