/** What a formula may call: plain functions of one, two or three numbers; booleans are 1 and 0. */
export type Unary = (a: number) => number;
export type Binary = (a: number, b: number) => number;

export const UNARY: Readonly<Record<string, Unary>> = {
  abs: Math.abs,
  sqrt: Math.sqrt,
  exp: Math.exp,
  log: Math.log,
  log2: Math.log2,
  log10: Math.log10,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  floor: Math.floor,
  ceil: Math.ceil,
  // To the nearest, halves away from zero: what GDAL does when it stores a fraction as a whole number.
  round: (a) => Math.sign(a) * Math.floor(Math.abs(a) + 0.5),
  sign: Math.sign,
  "-": (a) => -a,
  "!": (a) => Number(a === 0),
};

export const BINARY: Readonly<Record<string, Binary>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  // The remainder has the sign of the divisor, as in Python and numpy.
  "%": (a, b) => a - b * Math.floor(a / b),
  "^": (a, b) => a ** b,
  "<": (a, b) => Number(a < b),
  "<=": (a, b) => Number(a <= b),
  ">": (a, b) => Number(a > b),
  ">=": (a, b) => Number(a >= b),
  "==": (a, b) => Number(a === b),
  "!=": (a, b) => Number(a !== b),
  "&&": (a, b) => Number(a !== 0 && b !== 0),
  "||": (a, b) => Number(a !== 0 || b !== 0),
  min: Math.min,
  max: Math.max,
  pow: (a, b) => a ** b,
  atan2: Math.atan2,
};

export const CONSTANTS: Readonly<Record<string, number>> = { pi: Math.PI, e: Math.E };

/** Functions of three: `where(condition, then, else)` and `clamp(value, least, most)`. */
export const TERNARY: Readonly<Record<string, (a: number, b: number, c: number) => number>> = {
  where: (a, b, c) => (a !== 0 ? b : c),
  clamp: (a, b, c) => Math.min(Math.max(a, b), c),
};
