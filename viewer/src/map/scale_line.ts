import type MapEvent from "ol/MapEvent.js";
import ScaleLine from "ol/control/ScaleLine.js";

/** A scale for the middle of what can be seen: OpenLayers takes the middle of the window, which on a phone lies below the panel, and of a world map beyond the pole. */
export class SeenScaleLine extends ScaleLine {
  override render(event: MapEvent): void {
    const { frameState, map } = event;
    const center = map.getView().getCenter();
    if (frameState === null || center === undefined) return super.render(event);
    const viewState = { ...frameState.viewState, center };
    super.render(Object.assign(Object.create(event), { frameState: { ...frameState, viewState } }) as MapEvent);
  }
}
