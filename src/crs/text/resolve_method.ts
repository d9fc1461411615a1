import type { ProjectionMethod } from "../definition.ts";
import { parameterKeyOf, readMethodOf } from "./method_names.ts";
import type { RawSystem } from "./raw_system.ts";
import { unsupportedText } from "./text_limits.ts";

/** The projection of a text in PROJ's words and the directions of its coordinates (`en`, `ws`, `sw`). */
export interface ResolvedMethod {
  readonly projection: ProjectionMethod;
  readonly directions: string;
}

/** @throws `crs.unsupported` for a method or parameter that is not known */
export function resolveMethod(raw: RawSystem): ResolvedMethod {
  const name = raw.method?.name ?? "";
  const read = readMethodOf(name);
  if (read === undefined) throw unsupportedText(`the projection '${name.slice(0, 60)}'`, raw.name);
  const parameters: Record<string, number> = { ...read.fixed };
  for (const parameter of raw.method?.parameters ?? []) {
    const key = parameterKeyOf(parameter.name);
    if (key === undefined) throw unsupportedText(`the parameter '${parameter.name.slice(0, 60)}' of ${name}`, raw.name);
    parameters[read.keys?.[key] ?? key] = parameter.value;
  }
  for (const key of read.negative ?? []) parameters[key] = -(parameters[key] ?? 0);
  const mirrored = parameters["x_scale"] === -1;
  dropNeutral(read.method, parameters, raw.name);
  const directions = directionsOf(raw, mirrored ? "en" : read.directions);
  return { projection: normal(read.method, parameters), directions };
}

/** Takes out what only some dialects write, when it changes nothing. */
function dropNeutral(method: string, parameters: Record<string, number>, name: string): void {
  for (const [key, neutral] of [
    ["pseudo", 78.5],
    ["x_scale", 1],
    ["y_scale", 1],
    ["sphere", 0],
  ] as const) {
    const value = parameters[key];
    // ESRI turns and mirrors Krovak's axes to east and north by these.
    const krovakEast = method === "krovak" && key === "x_scale" && value === -1;
    if (value !== undefined && Math.abs(value - neutral) > 1e-9 && !krovakEast)
      throw unsupportedText(`${key} = ${value}`, name);
    delete parameters[key];
  }
}

/** One way to say the same: as PROJ writes it for codes of EPSG. */
function normal(method: string, parameters: Record<string, number>): ProjectionMethod {
  if (method === "krovak" && parameters["gamma"] !== undefined) delete parameters["gamma"];
  if (method === "stere") return { method, parameters: stereographic(parameters) };
  if (method === "lcc") return { method, parameters: lambert(parameters) };
  if (method === "omerc") return oblique(parameters);
  if (method === "bonne" || method === "nzmg") delete parameters["k_0"];
  return { method, parameters };
}

/** A standard parallel at the pole is no standard parallel; without `lat_0` the pole is on the parallel's side. */
function stereographic(parameters: Record<string, number>): Record<string, number> {
  const { lat_ts: parallel, ...rest } = parameters;
  if (parallel === undefined) return parameters;
  const pole = rest["lat_0"] ?? (parallel < 0 ? -90 : 90);
  if (Math.abs(parallel) === 90) return { ...rest, lat_0: parallel };
  const { k_0: _scale, ...withoutScale } = rest;
  return { ...withoutScale, lat_0: pole, lat_ts: parallel };
}

/** One standard parallel is the latitude of origin; ESRI writes it twice. */
function lambert(parameters: Record<string, number>): Record<string, number> {
  const { lat_1: first, lat_2: second, lat_0: origin = first ?? 0 } = parameters;
  if (first === undefined) return { ...parameters, lat_1: origin, lat_0: origin };
  if (second === undefined && first !== origin) return { ...parameters, lat_2: first };
  return parameters;
}

/** Azimuth 90 with the grid turned by 90 is the Swiss form, which proj4 has of its own. */
function oblique(parameters: Record<string, number>): ProjectionMethod {
  const gamma = parameters["gamma"] ?? parameters["alpha"] ?? 0;
  if (Math.abs((parameters["alpha"] ?? 0) - 90) > 1e-9 || Math.abs(gamma - 90) > 1e-9 || parameters["no_uoff"] === 1) {
    return { method: "omerc", parameters: { ...parameters, gamma } };
  }
  const { lonc = 0, lat_0 = 0, k_0 = 1, x_0 = 0, y_0 = 0 } = parameters;
  return { method: "somerc", parameters: { lat_0, lon_0: lonc, k_0, x_0, y_0 } };
}

function directionsOf({ directions }: RawSystem, usual = "en"): string {
  const letters = directions.slice(0, 2).map((direction) => direction.charAt(0));
  if (letters.length < 2) return usual;
  const text = letters.join("");
  // Two axes that run the same way start at a pole: easting and northing all the same.
  if (letters[0] === letters[1] || text === "ne") return "en";
  return text;
}
