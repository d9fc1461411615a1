import { TilthError } from "../../core/index.ts";
import { MAX_CLASSES } from "./classification.ts";

/** Limits of so many classes of one width. */
export function equalLimits(least: number, most: number, classes: number): number[] {
  if (least === most) return [least, most];
  return Array.from({ length: classes + 1 }, (_, i) => (i === classes ? most : least + ((most - least) * i) / classes));
}

/** Limits at whole steps from a base that hold all heights. @throws `argument.invalid` for more than a million classes */
export function stepLimits(least: number, most: number, step: number, base = 0): number[] {
  const first = Math.floor((least - base) / step);
  // A height on a limit begins a class.
  const last = Math.floor((most - base) / step) + 1;
  const classes = last - first;
  if (!(classes <= MAX_CLASSES) || base + first * step === base + (first + 1) * step) {
    const message = `expected at most ${MAX_CLASSES} classes from ${least} to ${most}, got more with a step of ${step}; take a larger one`;
    throw new TilthError("argument.invalid", message, { fields: { step } });
  }
  return Array.from({ length: classes + 1 }, (_, i) => base + (first + i) * step);
}

/** The round step (1, 2 or 5 times a power of ten) whose number of classes comes nearest; of two the one with fewer. */
export function roundStep(least: number, most: number, classes: number): number {
  if (least === most) return 1;
  const power = Math.floor(Math.log10((most - least) / classes));
  let [best, off] = [1, Infinity];
  for (let exponent = power + 1; exponent >= power - 1; exponent--)
    for (const factor of [5, 2, 1]) {
      // Divided by a whole number, 0.2 is 0.2.
      const step = exponent < 0 ? factor / 10 ** -exponent : factor * 10 ** exponent;
      const difference = Math.abs(Math.floor(most / step) + 1 - Math.floor(least / step) - classes);
      if (difference < off) [best, off] = [step, difference];
    }
  return best;
}
