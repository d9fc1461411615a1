import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FormulaProgram } from "./formula_program.ts";
import { BINARY, TERNARY, UNARY } from "./functions.ts";
import { inputsOf, parseFormula, type Formula } from "./parse_formula.ts";

function valueOf(text: string, inputs: Record<string, number> = {}): number {
  const values = new Map(Object.entries(inputs).map(([name, value]) => [name, Float64Array.of(value)]));
  let result = Number.NaN;
  new FormulaProgram(parseFormula(text)).run(values, 1, null, (found) => (result = found[0] as number));
  return result;
}

describe("a formula", () => {
  it.each([
    ["1 + 2 * 3", 7],
    ["(1 + 2) * 3", 9],
    ["8 - 3 - 2", 3],
    ["8 / 4 / 2", 1],
    ["2 ^ 3 ^ 2", 512],
    ["2 ** 3", 8],
    ["-2 ^ 2", -4],
    ["2 ^ -1", 0.5],
    ["-(-3)", 3],
    ["+4", 4],
    ["-7 % 3", 2],
    ["1 < 2 && 2 < 1", 0],
    ["1 < 2 || 2 < 1", 1],
    ["!0 + !5", 1],
    ["1 == 1 ? 10 : 20", 10],
    ["0 ? 1 : 0 ? 2 : 3", 3],
    ["1.5e2 + .5", 150.5],
    ["min(3, max(1, 2))", 2],
    ["clamp(12, 0, 10) + where(1, 5, 6)", 15],
    ["round(-2.5) + round(2.5) + round(1.4)", 1],
    ["atan2(1, 1) * 4 - pi", 0],
    ["sqrt(16) + abs(-1) + floor(1.9) + ceil(1.1)", 8],
    ["2 != 3", 1],
  ])("%s is %d", (text, expected) => {
    expect(valueOf(text)).toBe(expected);
  });

  it("names its inputs once each", () => {
    expect(inputsOf(parseFormula("(nir - red) / (nir + a.b2) + pi"))).toEqual(["nir", "red", "a.b2"]);
  });

  it.each([
    ["", "letter 1"],
    ["1 +", "the end"],
    ["(1", "')'"],
    ["1 2", "'2'"],
    ["a $ b", "'$'"],
    ["eval(1)", "there is no function 'eval'"],
    ["constructor(1)", "there is no function 'constructor'"],
    ["min(1)", "min wants 2 values, got 1"],
    ["sqrt(1, 2)", "sqrt wants 1 values, got 2"],
    ["a ? b", "':'"],
    [`${"(".repeat(65)}1${")".repeat(65)}`, "more than 64 parts"],
    [`${"-".repeat(70)}1`, "more than 64 parts"],
    [`${"1+".repeat(2_100)}1`, "at most 4096 letters"],
  ])("refuses '%s' and says where", (text, words) => {
    expect(() => parseFormula(text)).toThrow(words);
  });

  it("is what a walk through the tree says, for any tree and over the borders of chunks", () => {
    fc.assert(
      fc.property(formulas, fc.infiniteStream(fc.integer({ min: -9, max: 9 })), (formula, numbers) => {
        const length = 4_097;
        const inputs = new Map(["a", "b"].map((name) => [name, new Float64Array(length)]));
        for (const values of inputs.values())
          for (const at of [0, 1, 4_095, 4_096]) values[at] = numbers.next().value as number;
        const out = new Float64Array(length);
        new FormulaProgram(formula).run(inputs, length, null, (values, first, count) =>
          out.set(values.subarray(0, count), first),
        );
        for (const at of [0, 1, 4_095, 4_096])
          expect(out[at]).toBe(walk(formula, { a: inputs.get("a")?.[at] ?? 0, b: inputs.get("b")?.[at] ?? 0 }));
      }),
      { numRuns: 50 },
    );
  });
});

const { formulas } = fc.letrec<{ formulas: Formula }>((tie) => {
  const call = (table: object, count: number) =>
    fc
      .tuple(fc.constantFrom(...Object.keys(table)), fc.array(tie("formulas"), { minLength: count, maxLength: count }))
      .map(([name, args]): Formula => ({ kind: "call", name, args }));
  return {
    formulas: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.constantFrom<Formula>({ kind: "input", name: "a" }, { kind: "input", name: "b" }),
      fc.integer({ min: -9, max: 9 }).map((value): Formula => ({ kind: "number", value })),
      call(UNARY, 1),
      call(BINARY, 2),
      call(TERNARY, 3),
    ),
  };
});

function walk(formula: Formula, inputs: Record<string, number>): number {
  if (formula.kind === "number") return formula.value;
  if (formula.kind === "input") return inputs[formula.name] as number;
  const [a, b, c] = formula.args.map((each) => walk(each, inputs)) as [number, number, number];
  if (b === undefined) return (UNARY[formula.name] as (a: number) => number)(a);
  if (c === undefined) return (BINARY[formula.name] as (a: number, b: number) => number)(a, b);
  return (TERNARY[formula.name] as (a: number, b: number, c: number) => number)(a, b, c);
}
