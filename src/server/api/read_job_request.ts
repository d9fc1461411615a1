import { CACHE_PREFIX, type Workspace } from "../../config/index.ts";
import { parseDurationMs, TilthError } from "../../core/index.ts";
import { bboxCoverage, geoJsonCoverage, parseZooms, type Coverage } from "../../grid/index.ts";
import { requireNoSecrets } from "../jobs/check_source.ts";
import type { JobRequest } from "../jobs/job.ts";
import type { JobRequestBody } from "./job_shapes.ts";

/** Corners of a coverage: planning one of this size takes about 0.1 s for a level. */
export const MAX_CORNERS = 20_000;

/**
 * A job out of a body that its schema has let pass.
 * @throws `argument.invalid`, `coverage.invalid`, `bbox.invalid`, `source.invalid` for a key in the URL
 */
export function readJobRequest(body: JobRequestBody, workspace: Workspace): JobRequest {
  const { bbox, coverage, zooms, refresh, ...rest } = body;
  requireNoSecrets(body.source);
  if ((bbox === undefined) === (coverage === undefined))
    throw new TilthError("argument.invalid", "expected an area: either bbox or coverage, got both or neither");
  if (bbox !== undefined) bboxCoverage(bbox);
  const store = body.store ?? ownStore(body.source, workspace);
  workspace.requireStore(store);
  return {
    ...rest,
    ...(bbox === undefined ? {} : { bbox }),
    ...(coverage === undefined ? {} : { coverage: readCoverage(coverage) }),
    zooms: readZooms(zooms),
    store,
    ...(refresh === undefined ? {} : { refreshAgeMs: parseDurationMs(refresh) }),
  };
}

function readZooms(zooms: JobRequestBody["zooms"]): number[] {
  if (typeof zooms === "string") return parseZooms(zooms);
  return [...new Set(zooms)].toSorted((a, b) => a - b);
}

function readCoverage(geoJson: object): Coverage {
  const coverage = geoJsonCoverage(JSON.stringify(geoJson));
  const corners = "polygons" in coverage ? coverage.polygons.flat().reduce((sum, ring) => sum + ring.length, 0) : 0;
  if (corners <= MAX_CORNERS) return coverage;
  throw new TilthError(
    "coverage.invalid",
    `expected a coverage of at most ${MAX_CORNERS} corners, got ${corners}; simplify it, or seed it with the command line`,
  );
}

/** A live cache is filled itself when no file is named. */
function ownStore(source: string, workspace: Workspace): string {
  const isLive = workspace.listSources().some(({ name, kind }) => kind === "cache" && name === source);
  if (isLive) return `${CACHE_PREFIX}${source}`;
  throw new TilthError("argument.invalid", "expected the name of a file to write, as store: alps.gpkg");
}
