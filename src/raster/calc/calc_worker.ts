import { transferred, type Transferred } from "../../concurrency/index.ts";
import { newPixels, type PixelArray, type PixelType } from "../pixel_type.ts";
import { storeValues } from "../store_values.ts";
import { FormulaProgram } from "./formula_program.ts";
import type { Formula } from "./parse_formula.ts";

export interface CalcJob {
  readonly formula: Formula;
  readonly inputs: ReadonlyMap<string, PixelArray>;
  /** 0 where an input has no data; null where all have. */
  readonly valid: Uint8Array | null;
  readonly length: number;
  readonly type: PixelType;
  readonly nodata: number;
}

let last: { text: string; program: FormulaProgram } | null = null;

/** On a thread. */
export function calcBlock(job: CalcJob): Transferred<PixelArray> {
  const text = JSON.stringify(job.formula);
  if (last?.text !== text) last = { text, program: new FormulaProgram(job.formula) };
  const out = newPixels(job.type, job.length);
  last.program.run(job.inputs, job.length, job.valid, (values, first, count) =>
    storeValues(values, out, { first, count, type: job.type, nodata: job.nodata }),
  );
  return transferred(out, [out.buffer]);
}
