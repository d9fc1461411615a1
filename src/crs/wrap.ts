/** Into -pi to pi. Already there: not touched, which keeps 180 degrees apart from -180. */
export function wrap(longitude: number): number {
  if (Math.abs(longitude) <= Math.PI) return longitude;
  return longitude - 2 * Math.PI * Math.floor((longitude + Math.PI) / (2 * Math.PI));
}
