import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import type { ControlBlock } from "./control_mesh.ts";
import { WarpKernel, type KernelImage } from "./kernels/warp_kernel.ts";
import { RESAMPLINGS, type Resampling } from "./resampling.ts";
import { assembleWindow, type MosaicCell } from "./source_window.ts";
import { WarpMemory } from "./warp_memory.ts";

const CELL = 16;
const COLUMNS = 6;
const ROWS = 5;
const OUT = 32;

const store = new WarpMemory({
  places: 1,
  windowPixels: COLUMNS * ROWS * CELL * CELL,
  tiles: 2,
  tileWidth: OUT,
  tileHeight: OUT,
  slots: COLUMNS * ROWS + 1,
  slotPixels: COLUMNS * ROWS * CELL * CELL,
});
const { scratchPtr, windowPtr, outs } = store.takePlace();
const [viaWindow, viaMosaic] = outs as [KernelImage, KernelImage];
const bytes = new Uint8Array(store.memory.buffer);
const kernel = new WarpKernel(store.memory, scratchPtr);
const mosaic = { ptr: store.slotPtrs.at(-1) ?? 0, width: COLUMNS * CELL, height: ROWS * CELL };

beforeEach(() => void bytes.fill(99, windowPtr, windowPtr + mosaic.width * mosaic.height * 4));

const valueAt = (x: number, y: number, band: number): number => (x * 7 + y * 13 + band * 29 + ((x * y) % 11) * 5) & 255;

/** All cells of a mosaic; those in `absent` have no tile. Of every third the pixels have alpha. */
function makeCells(absent: ReadonlySet<number>): MosaicCell[] {
  return Array.from({ length: COLUMNS * ROWS }, (_, index) => {
    const [left, top] = [(index % COLUMNS) * CELL, Math.floor(index / COLUMNS) * CELL];
    const place = { left, top, width: CELL, height: CELL };
    if (absent.has(index)) return { ...place, tile: null };
    const channels = index % 3 === 0 ? 4 : 3;
    const ptr = store.slotPtrs[index] ?? 0;
    for (let y = 0; y < CELL; y++)
      for (let x = 0; x < CELL; x++)
        for (let band = 0; band < channels; band++)
          bytes[ptr + (y * CELL + x) * channels + band] = valueAt(left + x, top + y, band);
    return { ...place, tile: { ptr, width: CELL, height: CELL, channels } };
  });
}

/** The mosaic's pixel, by the definition. */
function pixelOf(cells: readonly MosaicCell[], x: number, y: number): number[] {
  const tile = cells[Math.floor(y / CELL) * COLUMNS + Math.floor(x / CELL)]?.tile ?? null;
  if (tile === null) return [0, 0, 0, 0];
  return [0, 1, 2, 3].map((band) => (band === 3 && tile.channels === 3 ? 255 : valueAt(x, y, band)));
}

function blockAt(left: number, top: number, scale: number, turn: number): ControlBlock {
  const at = (x: number, y: number): [number, number] => [left + scale * (x - turn * y), top + scale * (y + turn * x)];
  const positions = Float64Array.from([at(0, 0), at(OUT, 0), at(0, OUT), at(OUT, OUT)].flat());
  const reach = scale * (1 + Math.abs(turn));
  return { x: 0, y: 0, width: OUT, height: OUT, kind: "mesh", size: OUT, positions, scale: [reach, reach] };
}

function assemble(block: ControlBlock, cells: readonly MosaicCell[], resampling: Resampling) {
  return assembleWindow(kernel, store.memory, windowPtr, [block], cells, resampling);
}

describe("the window of a tile", () => {
  const scene = fc.record({
    left: fc.double({ min: -40, max: 110, noNaN: true }),
    top: fc.double({ min: -40, max: 90, noNaN: true }),
    scale: fc.double({ min: 0.3, max: 2.4, noNaN: true }),
    turn: fc.double({ min: -0.5, max: 0.5, noNaN: true }),
    absent: fc.uniqueArray(fc.nat(COLUMNS * ROWS - 1), { maxLength: 12 }).map((list) => new Set(list)),
    resampling: fc.constantFrom(...RESAMPLINGS),
  });

  test("holds the mosaic's pixels, and clear ones where there is no tile", () => {
    fc.assert(
      fc.property(scene, ({ left, top, scale, turn, absent, resampling }) => {
        const cells = makeCells(absent);
        const window = assemble(blockAt(left, top, scale, turn), cells, resampling);
        if (window === null) return;
        const { image } = window;
        expect(window.left).toBeGreaterThanOrEqual(0);
        expect(window.left + image.width).toBeLessThanOrEqual(mosaic.width);
        for (let y = 0; y < image.height; y++) {
          for (let x = 0; x < image.width; x++) {
            const at = image.ptr + (y * image.width + x) * 4;
            const expected = pixelOf(cells, window.left + x, window.top + y);
            expect([...bytes.subarray(at, at + 4)]).toEqual(expected);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  test("gives the same tile as the whole mosaic", () => {
    fc.assert(
      fc.property(scene, ({ left, top, scale, turn, absent, resampling }) => {
        const cells = makeCells(absent);
        for (const cell of cells) if (cell.tile !== null) kernel.placeTile(cell.tile, mosaic, cell.left, cell.top);
        for (const index of absent) clearCell(cells[index] as MosaicCell);
        const block = blockAt(left, top, scale, turn);
        kernel.setSource(mosaic, false);
        kernel.warp(block, viaMosaic, resampling, 0, 0);
        const window = assemble(block, cells, resampling);
        const expected = bytes.slice(viaMosaic.ptr, viaMosaic.ptr + OUT * OUT * 4);
        if (window === null) {
          expect(expected.every((byte) => byte === 0)).toBe(true);
          return;
        }
        kernel.setSource(window.image, false);
        kernel.warp(block, viaWindow, resampling, window.left, window.top);
        expect(bytes.subarray(viaWindow.ptr, viaWindow.ptr + OUT * OUT * 4)).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });

  test("is no larger than what is read and a little around it", () => {
    const window = assemble(blockAt(30.5, 20.5, 1, 0), makeCells(new Set()), "bilinear");
    expect(window).toMatchObject({ left: 22, top: 12, image: { width: 49, height: 49 } });
  });

  test("is none for a tile beside the cells, without cells, or without any image", () => {
    const cells = makeCells(new Set());
    expect(assemble(blockAt(500, 0, 1, 0), cells, "bilinear")).toBeNull();
    expect(assemble(blockAt(0, 0, 1, 0), [], "bilinear")).toBeNull();
    expect(assemble(blockAt(Number.NaN, 0, 1, 0), cells, "bilinear")).toBeNull();
  });
});

function clearCell({ left, top }: MosaicCell): void {
  for (let y = top; y < top + CELL; y++) {
    const start = mosaic.ptr + (y * mosaic.width + left) * 4;
    bytes.fill(0, start, start + CELL * 4);
  }
}
