import { redactUrl } from "../../core/index.ts";
import type { LonLatBbox } from "../../geo/index.ts";
import type { DescribedService } from "./describe_service.ts";
import { isUsable, resolveMatrixSet } from "./resolve_matrix_set.ts";
import type { ServiceDescription, ServiceMatrixSet } from "./service_description.ts";

/** A matrix set as it can be used. */
export interface MatrixSetSummary extends ServiceMatrixSet {
  /** Name of the grid of its tiles; null when it cannot be used. */
  readonly grid: string | null;
  /** Levels of that grid, inclusive. */
  readonly zooms: readonly [min: number, max: number] | null;
  /** CRS units for one pixel, coarsest first. */
  readonly cellSizes: readonly number[];
  /** Why it cannot be used, or what was read otherwise than written. */
  readonly notes: readonly string[];
}

export interface ServiceSummary extends Omit<ServiceDescription, "matrixSets"> {
  readonly matrixSets: readonly MatrixSetSummary[];
}

/** A description for people and reports: what each matrix set is good for, and no secret in any URL. */
export function summarizeService({
  description,
  place,
}: Pick<DescribedService, "description" | "place">): ServiceSummary {
  const summary = {
    ...description,
    matrixSets: description.matrixSets.map((set) => summarizeSet(set, boundsOf(description, set))),
  };
  return withoutSecrets(summary, place.access.secrets) as ServiceSummary;
}

/** Box of a layer in the set: that of the first that says it. */
function boundsOf({ layers }: ServiceDescription, { id }: ServiceMatrixSet): LonLatBbox | null {
  const layer = layers.find(({ bounds, matrixSets }) => bounds !== null && matrixSets.some((link) => link.id === id));
  return layer?.bounds ?? null;
}

function summarizeSet(set: ServiceMatrixSet, bounds: LonLatBbox | null): MatrixSetSummary {
  const resolved = resolveMatrixSet(set, null, bounds);
  if (!isUsable(resolved)) return { ...set, grid: null, zooms: null, cellSizes: [], notes: [resolved.reason] };
  const { grid, levels, notes } = resolved;
  const zooms = levels.map(({ z }) => z);
  const cellSizes = zooms.map((z) => grid.getMatrix(z).cellSize);
  return { ...set, grid: grid.id, zooms: [zooms[0] ?? 0, zooms.at(-1) ?? 0], cellSizes, notes };
}

/** A description is as deep as its types: seven levels. */
function withoutSecrets(value: unknown, secrets: readonly string[]): unknown {
  if (typeof value === "string")
    return /^https?:/i.test(value) || secrets.length > 0 ? redactUrl(value, secrets) : value;
  if (Array.isArray(value)) return value.map((one) => withoutSecrets(one, secrets));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, withoutSecrets(one, secrets)]));
}
