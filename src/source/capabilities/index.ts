export { chooseLayers } from "./choose.ts";
export { describeService, type DescribedService } from "./describe_service.ts";
export { inheritLayer, layerPath } from "./inherit_layer.ts";
export { openServiceSource } from "./open_service.ts";
export { parseServiceDescription, type ParseServiceOptions } from "./parse_service.ts";
export { summarizeService, type MatrixSetSummary, type ServiceSummary } from "./summarize.ts";
export { isUsable, resolveMatrixSet } from "./resolve_matrix_set.ts";
export type { ResolvedLevel, ResolvedMatrixSet, UnusableMatrixSet } from "./resolve_matrix_set.ts";
export type * from "./service_description.ts";
