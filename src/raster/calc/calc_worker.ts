import { transferred, type Transferred } from "../../concurrency/index.ts";
import type { PixelArray, PixelType } from "../pixel_type.ts";
import { storeValues } from "../store_values.ts";
import { FormulaProgram } from "./formula_program.ts";
import type { Formula } from "./parse_formula.ts";

export interface CalcJob {
  readonly formula: Formula;
  readonly inputs: ReadonlyMap<string, PixelArray>;
  /** 0 where an input has no data; null where all have. */
  readonly valid: Uint8Array | null;
  /** For the result. */
  readonly out: PixelArray;
  readonly type: PixelType;
  readonly nodata: number;
}

export interface CalcResult {
  readonly pixels: PixelArray;
  /** Those that came, for what is read next. */
  readonly inputs: readonly PixelArray[];
}

let last: { text: string; program: FormulaProgram } | null = null;

/** On a thread. */
export function calcBlock(job: CalcJob): Transferred<CalcResult> {
  const text = JSON.stringify(job.formula);
  if (last?.text !== text) last = { text, program: new FormulaProgram(job.formula) };
  const { out } = job;
  last.program.run(job.inputs, out.length, job.valid, (values, first, count) =>
    storeValues(values, out, { first, count, type: job.type, nodata: job.nodata }),
  );
  const inputs = [...job.inputs.values()];
  return transferred({ pixels: out, inputs }, [...new Set([out, ...inputs].map(({ buffer }) => buffer))]);
}
