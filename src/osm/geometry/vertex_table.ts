import { UNITS_PER_DEGREE } from "../osm_block.ts";

/** Units of all longitudes, and of all latitudes. */
const WIDTH = 360 * UNITS_PER_DEGREE + 1;
/** Latitudes that fit beside a longitude into 53 bits; places that are farther apart stand in another map. */
const BAND = Math.floor(2 ** 53 / WIDTH);

/** Places by number; the same place is the same number. Coordinates are whole units of 1e-7 degrees. */
export class VertexTable {
  readonly xs: number[] = [];
  readonly ys: number[] = [];
  readonly #bands = new Map<number, Map<number, number>>();

  get count(): number {
    return this.xs.length;
  }

  add(x: number, y: number): number {
    const band = Math.floor(y / BAND);
    let numbers = this.#bands.get(band);
    if (numbers === undefined) this.#bands.set(band, (numbers = new Map()));
    const key = (y - band * BAND) * WIDTH + x + 180 * UNITS_PER_DEGREE;
    let number = numbers.get(key);
    if (number === undefined) {
      number = this.xs.push(x) - 1;
      this.ys.push(y);
      numbers.set(key, number);
    }
    return number;
  }

  x(number: number): number {
    return this.xs[number] as number;
  }

  y(number: number): number {
    return this.ys[number] as number;
  }
}
