// Resampling of 8-bit RGBA for `src/reproject`: the inner loops, in WebAssembly SIMD. Built by scripts/build_wasm.ts.
// Nothing is imported but the memory, so that no call ever leaves WebAssembly.
//
// A block is `width` x `height` destination pixels. Its nodes hold source pixel coordinates (f64 x, y; 0,0 = upper left corner of the
// source's first pixel) of the corners of cells of `step` pixels, row by row, `nodeColumns` to a row; between nodes they are bilinear.
// Images are row-major from the top left, 4 bytes a pixel, alpha not premultiplied.
import { neighboursAreThere, runInnerBilinear, storeBilinear } from "./bilinear";
import { pixelPtr, sourceHeight, sourceOpaque, sourceWidth, toFixed } from "./source_image";
import { runInnerTaps, storeTaps, windowIsInside } from "./taps";

export { alphaRange, dropAlpha, placeTile } from "./images";
export { setSource } from "./source_image";
export { setTaps } from "./taps";

/** Just before a border counts as beyond it (an error of rounding), but not beyond the edge. */
function storeNearest(out: usize, u: f64, v: f64): void {
  const x = min(<i32>Math.floor(u + 1e-10), sourceWidth - 1);
  const y = min(<i32>Math.floor(v + 1e-10), sourceHeight - 1);
  store<u32>(out, load<u32>(pixelPtr(x, y)));
}

function isInside(u: f64, v: f64): bool {
  // Written so that NaN is outside.
  return u >= 0 && v >= 0 && u < <f64>sourceWidth && v < <f64>sourceHeight;
}

const NEAREST: i32 = 0;
const BILINEAR: i32 = 1;

function storeAny(method: i32, out: usize, u: f64, v: f64): void {
  if (!isInside(u, v)) store<u32>(out, 0);
  else if (method === NEAREST) storeNearest(out, u, v);
  else if (method === BILINEAR) storeBilinear(out, toFixed(u - 0.5), toFixed(v - 0.5));
  else storeTaps(out, toFixed(u - 0.5), toFixed(v - 0.5));
}

/** Pixels of one cell on one row. */
function warpRun(method: i32, out: usize, count: i32, u: f64, v: f64, stepU: f64, stepV: f64): void {
  const last = <f64>(count - 1);
  if (method === BILINEAR && neighboursAreThere(u, v) && neighboursAreThere(u + last * stepU, v + last * stepV)) {
    runInnerBilinear(out, count, u, v, stepU, stepV);
    return;
  }
  if (method > BILINEAR && sourceOpaque && windowIsInside(u, v) && windowIsInside(u + last * stepU, v + last * stepV)) {
    runInnerTaps(out, count, u, v, stepU, stepV);
    return;
  }
  for (let i = 0; i < count; i++) {
    storeAny(method, out, u + <f64>i * stepU, v + <f64>i * stepV);
    out += 4;
  }
}

/** Writes a block; `outStride` in bytes. Pixels without a place in the source become 0. */
export function warpBlock(
  method: i32,
  out: usize,
  outStride: usize,
  width: i32,
  height: i32,
  nodes: usize,
  nodeColumns: i32,
  step: i32,
): void {
  const nodeStride = (<usize>nodeColumns) << 4;
  const inverse = 1 / <f64>step;
  for (let y = 0; y < height; y++) {
    const row = nodes + <usize>(y / step) * nodeStride;
    const t = (<f64>(y % step) + 0.5) * inverse;
    let cell = row;
    for (let x = 0; x < width; x += step) {
      const leftU = load<f64>(cell) * (1 - t) + load<f64>(cell + nodeStride) * t;
      const leftV = load<f64>(cell, 8) * (1 - t) + load<f64>(cell + nodeStride, 8) * t;
      const stepU = (load<f64>(cell, 16) * (1 - t) + load<f64>(cell + nodeStride, 16) * t - leftU) * inverse;
      const stepV = (load<f64>(cell, 24) * (1 - t) + load<f64>(cell + nodeStride, 24) * t - leftV) * inverse;
      const count = min(step, width - x);
      warpRun(method, out + ((<usize>x) << 2), count, leftU + 0.5 * stepU, leftV + 0.5 * stepV, stepU, stepV);
      cell += 16;
    }
    out += outStride;
  }
}

/** Every pixel has a position of its own: `positions` holds f64 x, y for each, row by row. */
export function warpPositions(
  method: i32,
  out: usize,
  outStride: usize,
  width: i32,
  height: i32,
  positions: usize,
): void {
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      storeAny(method, out + ((<usize>x) << 2), load<f64>(positions), load<f64>(positions, 8));
      positions += 16;
    }
    out += outStride;
  }
}
