import { STATE_NAMES, type CellState } from "../state/coverage_cells.ts";

/** Colours of Okabe and Ito's palette, which people who see colours otherwise can tell apart; a pattern says the same. */
const STYLES: Record<CellState, { rgb: string; fill: number; pattern: Pattern }> = {
  present: { rgb: "0,158,115", fill: 0.08, pattern: "plain" },
  partial: { rgb: "0,158,115", fill: 0.05, pattern: "dots" },
  empty: { rgb: "86,130,180", fill: 0.16, pattern: "level" },
  stale: { rgb: "230,159,0", fill: 0.2, pattern: "rising" },
  failed: { rgb: "213,60,0", fill: 0.25, pattern: "crossed" },
  missing: { rgb: "110,110,120", fill: 0.1, pattern: "plain" },
};

type Pattern = "plain" | "dots" | "level" | "rising" | "crossed";

/** CSS pixels after which a pattern repeats. */
const PERIOD = 8;

const PATTERNS: Record<Pattern, (context: CanvasRenderingContext2D) => void> = {
  plain: () => undefined,
  dots: (context) => context.rect(3, 3, 1.5, 1.5),
  level: (context) => line(context, [0, 4, PERIOD, 4]),
  rising: (context) => {
    line(context, [-1, PERIOD + 1, PERIOD + 1, -1]);
    line(context, [-1, 1, 1, -1]);
    line(context, [PERIOD - 1, PERIOD + 1, PERIOD + 1, PERIOD - 1]);
  },
  crossed: (context) => {
    line(context, [-1, PERIOD + 1, PERIOD + 1, -1]);
    line(context, [-1, -1, PERIOD + 1, PERIOD + 1]);
  },
};

function line(context: CanvasRenderingContext2D, [x, y, toX, toY]: [number, number, number, number]): void {
  context.moveTo(x, y);
  context.lineTo(toX, toY);
}

const made = new Map<string, HTMLCanvasElement>();

/** One period of a state's look. */
function patternTile(state: CellState, ratio: number): HTMLCanvasElement {
  const key = `${state} ${ratio}`;
  const known = made.get(key);
  if (known !== undefined) return known;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = PERIOD * ratio;
  const context = canvas.getContext("2d");
  if (context !== null) {
    const { rgb, fill, pattern } = STYLES[state];
    context.scale(ratio, ratio);
    context.fillStyle = `rgba(${rgb},${fill})`;
    context.fillRect(0, 0, PERIOD, PERIOD);
    context.strokeStyle = `rgba(${rgb},0.85)`;
    context.lineWidth = 1;
    context.beginPath();
    PATTERNS[pattern](context);
    context.stroke();
  }
  made.set(key, canvas);
  return canvas;
}

/** Fills the current path of `context`, whose transform is that of CSS pixels. */
export function fillState(context: CanvasRenderingContext2D, state: CellState, ratio: number): void {
  const pattern = context.createPattern(patternTile(state, ratio), "repeat");
  if (pattern === null) return;
  pattern.setTransform(new DOMMatrix([1 / ratio, 0, 0, 1 / ratio, 0, 0]));
  context.fillStyle = pattern;
  context.fill();
}

/** Outline of the current path: failed and stale cells are drawn strongly. */
export function strokeState(context: CanvasRenderingContext2D, state: CellState): void {
  const strong = state === "failed" || state === "stale";
  context.strokeStyle = `rgba(${STYLES[state].rgb},${strong ? 0.9 : 0.45})`;
  context.lineWidth = strong ? 1.25 : 0.75;
  context.stroke();
}

/** The state's letter in the middle of a cell. */
export function writeState(context: CanvasRenderingContext2D, state: CellState, [x, y]: [number, number]): void {
  context.font = "600 12px system-ui, sans-serif";
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineWidth = 3;
  context.strokeStyle = "rgba(255,255,255,0.85)";
  context.strokeText(STATE_NAMES[state].letter, x, y);
  context.fillStyle = "#222";
  context.fillText(STATE_NAMES[state].letter, x, y);
}
