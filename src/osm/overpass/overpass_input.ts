import { releaseMemory } from "../../core/index.ts";
import type { OsmPart } from "../import/osm_part.ts";
import type { OsmInput } from "../input/osm_input.ts";
import { TextInput } from "../input/text_input.ts";
import { packBlock, unpackBlock, type PackedBlock } from "../packed_block.ts";
import type { CachedAnswer } from "./cell_cache.ts";
import { fetchCells, type FetchCellsOptions } from "./fetch_cells.ts";
import { UniqueObjects } from "./unique_objects.ts";

/** Answers of an Overpass service for the cells of an area; an object that several have counts once. */
export class OverpassInput implements OsmInput {
  /** Who answered. */
  readonly name: string;
  readonly #answers: readonly CachedAnswer[];
  #dataTimeMs: number | null = null;

  private constructor(answers: readonly CachedAnswer[]) {
    this.name = [...new Set(answers.map(({ host }) => host))].join(", ");
    this.#answers = answers;
  }

  /** Fetches all cells. @throws what `fetchCells` throws */
  static async fetch(options: FetchCellsOptions): Promise<OverpassInput> {
    return new OverpassInput(await fetchCells(options));
  }

  /** Of the oldest answer. */
  get dataTimeMs(): number | null {
    return this.#dataTimeMs;
  }

  async *parts(signal?: AbortSignal): AsyncGenerator<OsmPart> {
    const unique = new UniqueObjects();
    for (const { path } of this.#answers) {
      const input = new TextInput(path, "json", false);
      for await (const part of input.parts(signal))
        yield part.kind === "packed" ? { kind: "packed", bytes: withoutRepeats(part.bytes, unique) } : part;
      const { dataTimeMs } = input;
      if (dataTimeMs !== null) this.#dataTimeMs = Math.min(this.#dataTimeMs ?? dataTimeMs, dataTimeMs);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** @param bytes they are used up */
function withoutRepeats(bytes: PackedBlock, unique: UniqueObjects): PackedBlock {
  const packed = packBlock(unique.filter(unpackBlock(bytes)));
  releaseMemory([bytes]);
  return packed;
}
