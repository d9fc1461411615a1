import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { feature, mesh } from "topojson-client";
import type { GeometryCollection, GeometryObject, Topology } from "topojson-specification";
import { cutLine, cutRing, type Flat } from "./cut_ring.ts";

export type Detail = "110m" | "50m";

/** Land and borders of Natural Earth. Rings and lines are flat lon, lat ... in units of 1/`scale` degree, each pair relative to the one before. */
export interface Background {
  scale: number;
  land: number[][];
  borders: number[][];
}

/** Steps to a degree: 1.1 km at 1:110,000,000, 280 m at 1:50,000,000. */
const SCALES: Record<Detail, number> = { "110m": 100, "50m": 400 };

type Land = Topology<{ land: GeometryObject }>;
type Countries = Topology<{ countries: GeometryCollection }>;

function read<T>(name: string): T {
  return JSON.parse(readFileSync(createRequire(import.meta.url).resolve(`world-atlas/${name}.json`), "utf8")) as T;
}

/** Differences of whole steps compress three times better than degrees. */
export function encode(flat: Flat, scale: number): number[] {
  const steps = flat.map((value) => Math.round(value * scale));
  return steps.map((value, index) => value - (steps[index - 2] ?? 0));
}

function listRings(topology: Land): Flat[] {
  const geojson = feature(topology, topology.objects.land);
  const features = geojson.type === "FeatureCollection" ? geojson.features : [geojson];
  return features.flatMap(({ geometry }) => {
    if (geometry.type === "Polygon") return geometry.coordinates.map((ring) => ring.flat());
    return geometry.type === "MultiPolygon" ? geometry.coordinates.flat().map((ring) => ring.flat()) : [];
  });
}

export function readBackground(detail: Detail): Background {
  const scale = SCALES[detail];
  const countries = read<Countries>(`countries-${detail}`);
  const borders = mesh(countries, countries.objects.countries, (a, b) => a !== b).coordinates;
  return {
    scale,
    land: listRings(read<Land>(`land-${detail}`))
      .flatMap(cutRing)
      .map((ring) => encode(ring, scale)),
    borders: borders.flatMap((line) => cutLine(line.flat())).map((line) => encode(line, scale)),
  };
}
