import type { Crs } from "./crs_type.ts";
import type { Geographic, SystemDefinition } from "./definition.ts";
import type { Projector } from "./projector.ts";
import { geographicOfWgs84 } from "./wgs84.ts";

/** What a transform wants to know of a system beyond `Crs`. */
export interface System {
  readonly base: Geographic;
  readonly projector: Projector;
  /** null for a system whose formulas are its own. */
  readonly definition: SystemDefinition | null;
  /** The projection in words, empty for a geographic system. */
  readonly method: string;
}

const systems = new WeakMap<Crs, System>();

/** Says what is behind a system. */
export function registerSystem(crs: Crs, system: System): Crs {
  systems.set(crs, system);
  return crs;
}

/** What is behind a system; one that was made elsewhere is reached by its lon/lat. */
export function systemOf(crs: Crs): System {
  return systems.get(crs) ?? { base: geographicOfWgs84, projector: byLonLat(crs), definition: null, method: crs.name };
}

const RADIANS = Math.PI / 180;

function byLonLat(crs: Crs): Projector {
  return {
    toGeodetic(point) {
      const [lon, lat] = crs.toLonLat(point.x, point.y);
      point.x = lon * RADIANS;
      point.y = lat * RADIANS;
    },
    fromGeodetic(point) {
      [point.x, point.y] = crs.fromLonLat(point.x / RADIANS, point.y / RADIANS);
    },
  };
}
