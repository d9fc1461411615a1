import { setFlagsFromString } from "node:v8";

/** Tiles to warp, from which on memory is worth more than speed: about ten seconds of work. */
export const LONG_WARP_TILES = 5000;

/**
 * Tells the engine to favour memory for the rest of this process: without it a long warp keeps 150 to 250 MB of dead objects (650 MB instead of
 * 400), with it a short one would take 9 % more CPU. Only a program may decide this, never a library.
 */
export function preferMemory(tiles: number, setFlag: (flag: string) => void = setFlagsFromString): void {
  if (tiles >= LONG_WARP_TILES) setFlag("--optimize-for-size");
}
