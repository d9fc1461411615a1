import type { Transferred } from "../../src/concurrency/index.ts";
import { areaJobs } from "../../src/osm/import/area_jobs.ts";
import { areaWaysOf } from "../../src/osm/import/area_ways.ts";
import { packContext } from "../../src/osm/import/build_context.ts";
import { buildAreas } from "../../src/osm/import/build_areas.ts";
import { buildFeatures } from "../../src/osm/import/build_features.ts";
import type { FeaturePlan } from "../../src/osm/import/feature_plan.ts";
import { MemberStore } from "../../src/osm/import/member_store.ts";
import type { OsmPart } from "../../src/osm/import/osm_part.ts";
import { unpackRelations } from "../../src/osm/import/relation_record.ts";
import { scanPart } from "../../src/osm/import/scan_part.ts";
import { LocationTable } from "../../src/osm/locations/location_table.ts";
import type { FeatureBatch } from "../../src/feature/index.ts";

/** What `importOsm` does, on this thread. @returns all that it would write */
export async function importHere(parts: readonly OsmPart[], plan: FeaturePlan): Promise<FeatureBatch[]> {
  const scanned = parts.map((part) => valueOf(scanPart(asRead(part), plan.layers)));
  const table = new LocationTable({ maxBytes: 16 * 1024 * 1024 });
  for (const { locations } of scanned) table.add(locations.ids, locations.lons, locations.lats);
  const relations = scanned.flatMap((each) => [...unpackRelations(each.relations.bytes)]);
  const store = new MemberStore();
  const batches: FeatureBatch[] = [];
  const context = packContext({ plan, encoding: null });
  const call = { context, locations: table.finish(), areaWays: areaWaysOf(relations, 1000) };
  for (const part of parts) {
    const { batch, members } = valueOf(await buildFeatures({ part: asRead(part), ...call }));
    store.add(members);
    batches.push(batch as FeatureBatch);
  }
  for await (const group of areaJobs(relations, store, plan))
    batches.push(valueOf(await buildAreas(group, context)).batch as FeatureBatch);
  return batches;
}

/** A blob's bytes are used up by each look, for which they are read anew. */
function asRead(part: OsmPart): OsmPart {
  return part.kind === "blob" ? { ...part, bytes: part.bytes.slice() } : part;
}

const valueOf = <Value>({ value }: Transferred<Value>): Value => value;
