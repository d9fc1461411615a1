import { DATUM_OPERATIONS } from "./datum_table.ts";
import type { DatumShift } from "./definition.ts";

/** Systems of a datum that has an operation, where none is published for their own area. */
const WITHOUT_OPERATION =
  "2042 2045 2401 2406 2407 2408 2409 2410 2411 2418 2419 2420 2421 2422 2427 2428 2429 2430 2431 2432 2439 2440 2441 2442 3295 3833 3837 3838 3986 3989 5520 5631 5670 5671 5680 21416 21417 21422 21423 21456 21457 21462 21463 22275 23946 26195 29220";

/** A published way from a datum to WGS 84. */
export interface DatumOperation {
  /** EPSG code; null for a chain of several. */
  readonly code: number | null;
  readonly accuracyM: number;
  readonly shift: DatumShift;
}

let index: Map<number, string> | undefined;

/** The way to WGS 84 of one EPSG system; undefined when nothing is said of it, null when there is none for it. */
export function findOperation(system: number): DatumOperation | null | undefined {
  index ??= readIndex();
  const line = index.get(system);
  if (line === undefined) return undefined;
  if (line === "") return null;
  const [code, accuracy, parameters] = line.split("|") as [string, string, string];
  return { code: Number(code) || null, accuracyM: Number(accuracy), shift: shiftOf(parameters) };
}

function shiftOf(parameters: string): DatumShift {
  return parameters === "" ? { kind: "null" } : { kind: "helmert", parameters: parameters.split(",").map(Number) };
}

function readIndex(): Map<number, string> {
  const made = new Map<number, string>([[4326, "0|0|"]]);
  for (const line of DATUM_OPERATIONS.trim().split("\n")) {
    for (const system of line.slice(line.lastIndexOf("|") + 1).split(" ")) made.set(Number(system), line);
  }
  for (const system of WITHOUT_OPERATION.split(" ")) made.set(Number(system), "");
  return made;
}
