import { TilthError } from "../../core/index.ts";
import type { TileMatrixSet } from "../../grid/index.ts";
import { listNames, listNearNames } from "./near_names.ts";
import { isUsable, resolveMatrixSet, type ResolvedMatrixSet } from "./resolve_matrix_set.ts";
import type { MatrixSetLink, ServiceDescription, ServiceLayer, ServiceMatrixSet } from "./service_description.ts";

export interface ChosenMatrixSet {
  readonly set: ServiceMatrixSet;
  readonly link: MatrixSetLink;
  readonly resolved: ResolvedMatrixSet;
}

/**
 * The matrix set to take tiles from: the named one, the one that is the wished grid, else the web mercator quad, else the first that can be used.
 * @throws `source.invalid` when there is none, with the reason for each
 */
export function chooseMatrixSet(
  description: ServiceDescription,
  layer: ServiceLayer,
  wanted: { id?: string; grid?: TileMatrixSet },
): ChosenMatrixSet {
  const links = wanted.id === undefined ? layer.matrixSets : [requireLink(layer, wanted.id)];
  const tried = links.map((link) => tryLink(description, layer, link));
  const usable = tried.flatMap(({ chosen }) => chosen ?? []);
  const fitting = wanted.grid === undefined ? usable : usable.filter(({ resolved }) => isGrid(resolved, wanted.grid));
  const best = fitting.find(({ resolved }) => resolved.grid.id === "WebMercatorQuad") ?? fitting[0];
  if (best !== undefined) return best;
  const [only] = tried;
  if (tried.length === 1 && only?.reason?.startsWith("grid.variableWidths") === true)
    throw new TilthError("grid.variableWidths", `the tile matrix set '${only.id}' cannot be used: ${only.reason}`);
  const reasons = tried.map(({ id, reason, chosen }) => `'${id}': ${reason ?? chosen?.resolved.grid.crs.code}`);
  const asked = wanted.grid === undefined ? "that can be used" : `with the grid ${wanted.grid.id}`;
  throw new TilthError(
    "source.invalid",
    `expected a tile matrix set of layer '${layer.name}' ${asked}, got none: ${reasons.slice(0, 10).join("; ") || "it names none"}`,
  );
}

const isGrid = ({ grid }: ResolvedMatrixSet, wanted: TileMatrixSet | undefined): boolean =>
  grid.id === wanted?.id && grid.getMatrix(0).tileWidth === wanted.getMatrix(0).tileWidth;

function requireLink(layer: ServiceLayer, wanted: string): MatrixSetLink {
  // `SET#PREFIX` names the prefix of matrices by hand; the description knows their names.
  const id = layer.matrixSets.some((link) => link.id === wanted) ? wanted : (wanted.split("#")[0] ?? "");
  const found = layer.matrixSets.find((link) => link.id === id);
  if (found !== undefined) return found;
  const alike = layer.matrixSets.filter((link) => link.id.toLowerCase() === id.toLowerCase());
  if (alike[0] !== undefined && alike.length === 1) return alike[0];
  const ids = layer.matrixSets.map((link) => link.id);
  const names = ids.length > 10 ? listNearNames(id, ids) : listNames(ids);
  throw new TilthError(
    "source.invalid",
    `expected a tile matrix set of layer '${layer.name}', got '${wanted.slice(0, 80)}'; it has ${names}`,
  );
}

interface Tried {
  readonly id: string;
  readonly reason: string | null;
  readonly chosen: ChosenMatrixSet | null;
}

function tryLink(description: ServiceDescription, layer: ServiceLayer, link: MatrixSetLink): Tried {
  const set = description.matrixSets.find(({ id }) => id === link.id);
  if (set === undefined) return { id: link.id, reason: "the service does not define it", chosen: null };
  const resolved = resolveMatrixSet(set, link, layer.bounds);
  if (!isUsable(resolved)) return { id: link.id, reason: resolved.reason, chosen: null };
  if (resolved.levels.every(({ range }) => range === null))
    return { id: link.id, reason: "its limits leave no tiles", chosen: null };
  return { id: link.id, reason: null, chosen: { set, link, resolved } };
}
