import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";
import type { ControlBlock } from "../../src/reproject/index.ts";
import { WarpKernel } from "../../src/reproject/kernels/warp_kernel.ts";
import { WarpMemory } from "../../src/reproject/warp_memory.ts";

const SIDE = 2048;
const SECONDS = 3;

type Alpha = "opaque" | "shapes" | "random";

/** Bilinear RGBA of 2048 x 2048 pixels on so many threads at once, megapixels a second of all. */
export async function measureWarpAlone(threads: number, alpha: Alpha): Promise<number> {
  const speeds = await Promise.all(
    Array.from({ length: threads }, async () => {
      const worker = new Worker(new URL(import.meta.url), { workerData: alpha });
      return new Promise<number>((resolve, reject) => worker.once("message", resolve).once("error", reject));
    }),
  );
  return speeds.reduce((sum, speed) => sum + speed, 0);
}

function warpAlone(alpha: Alpha): number {
  const slotPixels = (SIDE + 256) ** 2;
  const memory = new WarpMemory({
    places: 1,
    windowPixels: slotPixels,
    tiles: 1,
    tileWidth: SIDE,
    tileHeight: SIDE,
    slots: 0,
    slotPixels,
  });
  const place = memory.takePlace();
  const source = { ptr: place.windowPtr, width: SIDE + 256, height: SIDE + 256 };
  const pixels = new Uint8Array(memory.memory.buffer, source.ptr, slotPixels * 4);
  for (let i = 0; i < pixels.length; i++) pixels[i] = i % 4 === 3 ? alphaAt(alpha, i >> 2) : (i * 2_654_435_761) >>> 13;
  const kernel = new WarpKernel(memory.memory, place.scratchPtr);
  kernel.setSource(source, alpha === "opaque");
  const blocks: ControlBlock[] = [];
  for (let y = 0; y < SIDE; y += 256) for (let x = 0; x < SIDE; x += 256) blocks.push(makeBlock(x, y));
  const [out] = place.outs;
  if (out === undefined) throw new Error("no place for the result");
  const run = (): void => blocks.forEach((block) => kernel.warp(block, out, "bilinear", 0, 0));
  run();
  const started = performance.now();
  let rounds = 0;
  for (; performance.now() - started < SECONDS * 1000; rounds++) run();
  return (rounds * SIDE * SIDE) / (performance.now() - started) / 1000;
}

/** A slight turn and shear, as from one projection to another. */
function makeBlock(x: number, y: number) {
  const at = (px: number, py: number): [number, number] => [20 + px * 1.01 + py * 0.03, 90 - px * 0.03 + py * 1.02];
  const corners = [at(x, y), at(x + 256, y), at(x, y + 256), at(x + 256, y + 256)].flat();
  const positions = Float64Array.from(corners);
  return { x, y, width: 256, height: 256, kind: "mesh", size: 256, positions, scale: [1, 1] } as const;
}

function alphaAt(alpha: Alpha, pixel: number): number {
  if (alpha === "opaque") return 255;
  if (alpha === "random") return ((pixel * 77) >>> 5) & 255;
  return Math.floor(pixel / 37) % 2 === 0 ? 255 : 0;
}

if (!isMainThread) parentPort?.postMessage(warpAlone(workerData as Alpha));
