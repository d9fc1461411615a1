/** x0, y0, x1, y1 ... in units of 1e-7 degrees. */
export type Line = Int32Array;
