/** The authalic latitude of an ellipsoid (EPSG guidance note 7-2, method 9820): the one on the sphere of the same area. */
export interface Authalic {
  /** q of the pole; the authalic sphere has the radius a * sqrt(polar / 2). */
  readonly polar: number;
  /** Sine of the authalic latitude, from the sine of the geodetic one. */
  readonly toAuthalic: (sin: number) => number;
  /** Geodetic latitude in radians from the sine of the authalic one; NaN beyond the poles. */
  readonly toGeodetic: (sin: number) => number;
}

/** Newton's steps end below this change of the sine: 0.01 micrometre. */
const SETTLED = 1e-15;

/**
 * Exact both ways: the usual series to e^6, which PROJ before 9.6 and proj4 take for the way back, is 2 mm off in middle latitudes.
 * @param es squared eccentricity
 */
export function authalic(es: number): Authalic {
  const e = Math.sqrt(es);
  const q = (sin: number): number =>
    es === 0 ? 2 * sin : (1 - es) * (sin / (1 - es * sin * sin) + Math.atanh(e * sin) / e);
  const polar = q(1);
  const search = (ratio: number): number => {
    let sin = ratio;
    for (let step = 0; step < 8; step++) {
      const w = 1 - es * sin * sin;
      const change = ((ratio * polar - q(sin)) * w * w) / (2 * (1 - es));
      sin += change;
      if (Math.abs(change) < SETTLED) break;
    }
    return Math.max(-1, Math.min(1, sin));
  };
  return {
    polar,
    toAuthalic: (sin) => q(sin) / polar,
    toGeodetic(ratio) {
      if (Math.abs(ratio) > 1) return Math.abs(ratio) < 1 + 1e-12 ? (Math.sign(ratio) * Math.PI) / 2 : Number.NaN;
      return Math.asin(search(ratio));
    },
  };
}

/** Radius of the sphere that has the area of the ellipsoid, metres. */
export function authalicRadius(a: number, es: number): number {
  return a * Math.sqrt(authalic(es).polar / 2);
}
