import type { ProjectionMethod } from "../definition.ts";

/** What a parameter is when nothing is said. */
const DEFAULTS: Readonly<Record<string, number>> = { k_0: 1 };

/** The same method with the same parameters: within 1e-9 degree, 1e-10 of the scale and 0.1 mm (texts are rounded to 15 digits, feet to thousandths). */
export function sameProjection(a: ProjectionMethod | null, b: ProjectionMethod | null): boolean {
  if (a === null || b === null) return a === b;
  if (a.method !== b.method) return false;
  const keys = new Set([...Object.keys(a.parameters), ...Object.keys(b.parameters)]);
  keys.delete(a.method === "krovak" ? "alpha" : "");
  return [...keys].every((key) => Math.abs(valueOf(a, key) - valueOf(b, key)) < toleranceOf(key));
}

const valueOf = ({ parameters }: ProjectionMethod, key: string): number => parameters[key] ?? DEFAULTS[key] ?? 0;
const toleranceOf = (key: string): number => (/^[xyh]_0$/.test(key) ? 2e-4 : key === "k_0" ? 1e-10 : 1e-9);
