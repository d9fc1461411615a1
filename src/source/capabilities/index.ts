export { inheritLayer, layerPath } from "./inherit_layer.ts";
export { parseServiceDescription, type ParseServiceOptions } from "./parse_service.ts";
export { isUsable, resolveMatrixSet } from "./resolve_matrix_set.ts";
export type { ResolvedLevel, ResolvedMatrixSet, UnusableMatrixSet } from "./resolve_matrix_set.ts";
export type * from "./service_description.ts";
