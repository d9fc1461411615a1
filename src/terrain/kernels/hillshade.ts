import type { KernelForSize } from "../cell_kernel.ts";
import { riseEast, riseNorth, type GradientMethod } from "./gradient.ts";

export interface HillshadeOptions {
  readonly method: GradientMethod;
  /** `single`: one light. `combined`: the same, darker where it is steep. `multidirectional`: lights from 225, 270, 315 and 360 degrees. */
  readonly mode: "single" | "combined" | "multidirectional";
  /** Where the light comes from, clockwise from north; not used by `multidirectional`. */
  readonly azimuthDeg: number;
  /** Of the light above the horizon. */
  readonly altitudeDeg: number;
  /** Heights are taken so many times as high. */
  readonly zFactor: number;
}

const RADIANS = Math.PI / 180;
/** Of the greys from 1, black, to 255; 0 stands for nothing. */
const GREYS = 254;

/** Light on the ground, 1 to 255, not rounded. */
export function hillshadeKernel(options: HillshadeOptions): KernelForSize {
  const { method, mode, zFactor } = options;
  const shadeOf = { single: singleShade, combined: combinedShade, multidirectional: manyShades }[mode](options);
  return (size) => {
    const [east, north] = [riseEast(method, size), riseNorth(method, size)];
    return (heights, i, stride) => {
      const x = east(heights, i, stride) * zFactor;
      const y = north(heights, i, stride) * zFactor;
      return 1 + GREYS * shadeOf(x, y);
    };
  };
}

/** 0 to 1, of what rises so much to the east and to the north. */
type Shade = (x: number, y: number) => number;

/** Cosine of the angle between the ground's normal and the light, negative where the light is behind (Horn 1981). */
function lightOf({ azimuthDeg, altitudeDeg }: HillshadeOptions): Shade {
  const [azimuth, altitude] = [azimuthDeg * RADIANS, altitudeDeg * RADIANS];
  const up = Math.sin(altitude);
  const east = Math.sin(azimuth) * Math.cos(altitude);
  const north = Math.cos(azimuth) * Math.cos(altitude);
  return (x, y) => (up - x * east - y * north) / Math.sqrt(1 + x * x + y * y);
}

function singleShade(options: HillshadeOptions): Shade {
  const light = lightOf(options);
  return (x, y) => Math.max(0, light(x, y));
}

/** Light and slope in one: 1 - angle to the light x slope / 90 degrees squared (as gdaldem's `-combined`). */
function combinedShade(options: HillshadeOptions): Shade {
  const light = lightOf(options);
  const scale = 4 / (Math.PI * Math.PI);
  return (x, y) => Math.max(0, 1 - Math.acos(light(x, y)) * Math.atan(Math.sqrt(x * x + y * y)) * scale);
}

/** Four lights, each weighed by how much the ground faces across it (Mark, Multidirectional, oblique-weighted, shaded-relief image, USGS 92-422). */
function manyShades({ altitudeDeg }: HillshadeOptions): Shade {
  const [up, flat] = [Math.sin(altitudeDeg * RADIANS), Math.cos(altitudeDeg * RADIANS)];
  const diagonal = flat * Math.SQRT1_2;
  return (x, y) => {
    const steep = x * x + y * y;
    if (steep === 0) return up;
    const southWest = Math.max(0, up + (x + y) * diagonal);
    const west = Math.max(0, up + x * flat);
    const northWest = Math.max(0, up + (x - y) * diagonal);
    const north = Math.max(0, up - y * flat);
    // Squares of sine and cosine of the aspect, without an angle.
    const acrossSouthWest = 0.5 * steep + x * y;
    const sum = acrossSouthWest * southWest + x * x * west + (steep - acrossSouthWest) * northWest + y * y * north;
    return sum / (2 * steep * Math.sqrt(1 + steep));
  };
}
