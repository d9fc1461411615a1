import type { EventsKey } from "ol/events.js";
import type TileLayer from "ol/layer/Tile.js";
import { unByKey } from "ol/Observable.js";
import type TileImage from "ol/source/TileImage.js";
import type RenderEvent from "ol/render/Event.js";
import { getRenderPixel } from "ol/render.js";

/** Shows a layer only to the right of a place. `at`: share of the map's width, 0..1, read for each frame. @returns what ends it */
export function clipLeftOf(layer: TileLayer<TileImage>, at: () => number): () => void {
  const before = (event: RenderEvent): void => {
    const [width = 0, height = 0] = event.frameState?.size ?? [];
    const left = at() * width;
    const context = event.context as CanvasRenderingContext2D;
    const corners = [
      [left, 0],
      [width, 0],
      [width, height],
      [left, height],
    ].map((pixel) => getRenderPixel(event, pixel));
    context.save();
    context.beginPath();
    corners.forEach(([x = 0, y = 0], index) => (index === 0 ? context.moveTo(x, y) : context.lineTo(x, y)));
    context.closePath();
    context.clip();
  };
  const after = (event: RenderEvent): void => (event.context as CanvasRenderingContext2D).restore();
  const keys: EventsKey[] = [layer.on("prerender", before), layer.on("postrender", after)];
  return () => unByKey(keys);
}
