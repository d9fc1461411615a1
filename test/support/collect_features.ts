import { GEOMETRY_KINDS, type FeatureBatch, type FeatureLayer, type FeatureWriter } from "../../src/feature/index.ts";
import { startOf } from "../../src/osm/osm_block.ts";

/** Features as texts that are the same whatever order objects, rings and positions came in. */
export class FeatureCollector {
  readonly features: string[] = [];
  layers: readonly FeatureLayer[] = [];
  isFinished = false;

  readonly open = async (layers: readonly FeatureLayer[]): Promise<FeatureWriter> => {
    this.layers = layers;
    return {
      path: "memory",
      encoding: null,
      write: async (batch) => void this.features.push(...listFeatures(batch as FeatureBatch, layers)),
      endLayers: async () => undefined,
      finish: async () => {
        this.isFinished = true;
        return { layers: [], unprojectable: 0 };
      },
      [Symbol.asyncDispose]: async () => undefined,
    };
  };

  sorted(): string[] {
    return this.features.toSorted();
  }
}

function* listFeatures(batch: FeatureBatch, layers: readonly FeatureLayer[]): Generator<string> {
  const { columns, strings, tags, tagEnds, geometry } = batch;
  for (let i = 0; i < batch.count; i++) {
    const [type, id] = [columns["osm_type"]?.[i] ?? Number.NaN, columns["osm_id"]?.[i]];
    const name = Number.isNaN(type) ? "made" : `${strings[type]}/${id}`;
    const pairs: string[] = [];
    for (let at = startOf(tagEnds, i); at < (tagEnds[i] as number); at += 2)
      pairs.push(`${strings[tags[at] as number]}=${strings[tags[at + 1] as number]}`);
    const kind = Object.entries(GEOMETRY_KINDS).find(([, code]) => code === geometry.kinds[i])?.[0];
    const layer = layers[batch.layers[i] as number]?.name;
    yield `${name} ${layer} ${pairs.toSorted().join(",")} ${kind} ${partsOf(batch, i).toSorted().join("; ")}`;
  }
}

function partsOf({ geometry }: FeatureBatch, i: number): string[] {
  const { kinds, partEnds, ringEnds, positionEnds, coordinates } = geometry;
  const isArea = kinds[i] === GEOMETRY_KINDS.multiPolygon;
  const parts: string[] = [];
  for (let part = startOf(partEnds, i); part < (partEnds[i] as number); part++) {
    const rings: string[] = [];
    for (let ring = startOf(ringEnds, part); ring < (ringEnds[part] as number); ring++) {
      const positions: string[] = [];
      for (let at = startOf(positionEnds, ring); at < (positionEnds[ring] as number); at++)
        positions.push(`${coordinates[2 * at]} ${coordinates[2 * at + 1]}`);
      rings.push((isArea ? fromLeast(positions) : positions).join(","));
    }
    parts.push(`(${[rings[0], ...rings.slice(1).toSorted()].join(")(")})`);
  }
  return parts;
}

/** A ring begun at the least of its positions. */
function fromLeast(closed: readonly string[]): string[] {
  const ring = closed.slice(0, -1);
  const least = ring.toSorted()[0] ?? "";
  const at = ring.indexOf(least);
  return [...ring.slice(at), ...ring.slice(0, at), least];
}
