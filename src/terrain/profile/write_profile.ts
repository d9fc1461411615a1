import { open, rename, rm } from "node:fs/promises";
import { throwIfAborted, TilthError } from "../../core/index.ts";
import { getCrs } from "../../crs/index.ts";
import { BatchBuilder, openFeatureWriter, type FeatureLayer, type FeatureProvenance } from "../../feature/index.ts";
import type { Raster } from "../../raster/index.ts";
import type { Position } from "./line_measure.ts";
import { listProfile, type ProfileOptions, type ProfilePlace } from "./list_profile.ts";

/** What a profile was like. */
export interface ProfileSummary {
  readonly places: number;
  /** Without a height. */
  readonly gaps: number;
  /** Metres, of all lines together. */
  readonly length: number;
  /** Null without any height. */
  readonly least: number | null;
  readonly most: number | null;
  /** Sums of what it goes up and down from one place to the next; over a gap nothing counts. */
  readonly climb: number;
  readonly descent: number;
}

export const PROFILE_HEAD = "line,distance,x,y,height";

/** A line of a table, without height where there is none. */
export function profileRow({ line, distance, position: [x, y], height }: ProfilePlace): string {
  return `${line},${round(distance)},${x},${y},${height ?? ""}`;
}

/** Micrometres. */
function round(distance: number): number {
  return Math.round(distance * 1e6) / 1e6;
}

/** Counts a profile while it goes by. */
export class ProfileTally {
  #places = 0;
  #gaps = 0;
  #length = 0;
  #least = Infinity;
  #most = -Infinity;
  #climb = 0;
  #descent = 0;
  #last: ProfilePlace | null = null;

  add(place: ProfilePlace): void {
    const { height, line, distance } = place;
    const last = this.#last?.line === line ? this.#last : null;
    this.#places++;
    this.#length += distance - (last?.distance ?? 0);
    this.#last = place;
    if (height === null) return void this.#gaps++;
    this.#least = Math.min(this.#least, height);
    this.#most = Math.max(this.#most, height);
    const rise = last === null || last.height === null ? 0 : height - last.height;
    if (rise > 0) this.#climb += rise;
    else this.#descent -= rise;
  }

  get summary(): ProfileSummary {
    const hasHeights = this.#least <= this.#most;
    return {
      places: this.#places,
      gaps: this.#gaps,
      length: round(this.#length),
      least: hasHeights ? this.#least : null,
      most: hasHeights ? this.#most : null,
      climb: this.#climb,
      descent: this.#descent,
    };
  }
}

/**
 * A profile into a file: `.csv` with the columns line, distance, x, y and height, in the lines' CRS; or points in a file of features, with `line`,
 * `distance` and `elev`. It has its name when it is whole.
 * @throws what `listProfile` and `openFeatureWriter` throw; `store.io`
 */
export async function writeProfile(
  path: string,
  raster: Raster,
  lines: readonly (readonly Position[])[],
  options: ProfileOptions & { provenance: FeatureProvenance },
): Promise<ProfileSummary> {
  const tally = new ProfileTally();
  const places = listProfile(raster, lines, options);
  if (path.toLowerCase().endsWith(".csv")) await writeTable(path, places, tally, options.signal);
  else await writePoints(path, raster, places, tally, options);
  return tally.summary;
}

async function writeTable(
  path: string,
  batches: AsyncIterable<ProfilePlace[]>,
  tally: ProfileTally,
  signal: AbortSignal | undefined,
): Promise<void> {
  const partial = `${path}.partial`;
  try {
    await using file = await open(partial, "w");
    await file.write(`${PROFILE_HEAD}\n`);
    for await (const batch of batches) {
      for (const place of batch) tally.add(place);
      await file.write(`${batch.map(profileRow).join("\n")}\n`);
    }
    await file.sync();
    throwIfAborted(signal);
    await rename(partial, path);
  } catch (cause) {
    throw fileFault(path, cause);
  } finally {
    await rm(partial, { force: true });
  }
}

function fileFault(path: string, cause: unknown): unknown {
  const code = cause instanceof Error && "syscall" in cause ? (cause as NodeJS.ErrnoException).code : undefined;
  if (code === undefined) return cause;
  return new TilthError(code === "ENOSPC" ? "store.full" : "store.io", `expected to write ${path}, got ${code}`, {
    cause,
    fields: { path },
  });
}

const LAYER: FeatureLayer = {
  name: "profile",
  title: "Profile",
  description: "Heights along lines",
  geometry: "point",
  columns: [
    { name: "line", type: "integer", description: "which line, from 0" },
    { name: "distance", type: "real", description: "metres from its beginning" },
    { name: "elev", type: "real", description: "height, in the DEM's unit of height; null where it has none" },
  ],
  tagKeys: [],
};

async function writePoints(
  path: string,
  { info }: Raster,
  batches: AsyncIterable<ProfilePlace[]>,
  tally: ProfileTally,
  { lineCrs = info.crs, provenance, signal }: ProfileOptions & { provenance: FeatureProvenance },
): Promise<void> {
  if (lineCrs === null)
    throw new TilthError("crs.unknown", "expected lines with a CRS for a file of features, got none; write a .csv");
  const crs = /\.(?:geojsonl?|geojsons|ndjson)$/i.test(path) ? getCrs("OGC:CRS84") : lineCrs;
  const file = { layers: [LAYER], crs, batchCrs: lineCrs, attribution: "", provenance, signal };
  await using writer = await openFeatureWriter(path, file);
  for await (const batch of batches) {
    const builder = new BatchBuilder();
    for (const place of batch) {
      tally.add(place);
      builder.addPosition(...place.position);
      builder.endRing();
      builder.endPart();
      builder.setValue("line", place.line);
      builder.setValue("distance", round(place.distance));
      builder.setValue("elev", place.height ?? Number.NaN);
      builder.endFeature(0, "point");
    }
    await writer.write(builder.finish());
  }
  await writer.finish();
}
