import Layer from "ol/layer/Layer.js";
import type { FrameState } from "ol/Map.js";

/** Map units to CSS pixels of the canvas. */
export type ToPixel = (x: number, y: number) => [number, number];

export interface Drawing {
  context: CanvasRenderingContext2D;
  frame: FrameState;
  toPixel: ToPixel;
}

/** A layer that is drawn anew for each frame by `draw`, in CSS pixels. */
export function createCanvasLayer(name: string, zIndex: number, draw: (drawing: Drawing) => void): Layer {
  const canvas = document.createElement("canvas");
  // Within an element that is not `ol-layer`: OpenLayers would draw tiles into the canvas.
  const element = document.createElement("div");
  element.className = `canvas-layer canvas-layer-${name}`;
  element.append(canvas);
  const context = canvas.getContext("2d");
  const render = (frame: FrameState): HTMLElement => {
    if (context !== null) drawFrame(canvas, context, frame, draw);
    return element;
  };
  return new Layer({ zIndex, render });
}

function drawFrame(
  canvas: HTMLCanvasElement,
  context: CanvasRenderingContext2D,
  frame: FrameState,
  draw: (drawing: Drawing) => void,
): void {
  const [width = 0, height = 0] = frame.size;
  const ratio = frame.pixelRatio;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  const [a = 1, b = 0, c = 0, d = 1, e = 0, f = 0] = frame.coordinateToPixelTransform;
  draw({ context, frame, toPixel: (x, y) => [a * x + c * y + e, b * x + d * y + f] });
}
