import { releaseMemory } from "../../core/index.ts";
import type { OsmPart } from "../import/osm_part.ts";
import type { OsmInput } from "../input/osm_input.ts";
import { TextInput } from "../input/text_input.ts";
import { packBlock, unpackBlock, type PackedBlock } from "../packed_block.ts";
import { fetchCells, type FetchCellsOptions } from "./fetch_cells.ts";
import { UniqueObjects } from "./unique_objects.ts";

/** Answers of an Overpass service for the cells of an area; an object that several have counts once. */
export class OverpassInput implements OsmInput {
  readonly name: string;
  readonly #files: readonly string[];
  #dataTimeMs: number | null = null;

  private constructor(name: string, files: readonly string[]) {
    this.name = name;
    this.#files = files;
  }

  /** Fetches all cells. @throws what `fetchCells` throws */
  static async fetch(options: FetchCellsOptions): Promise<OverpassInput> {
    const files = await fetchCells(options);
    return new OverpassInput(options.clients.map(({ host }) => host).join(", "), files);
  }

  /** Of the oldest answer. */
  get dataTimeMs(): number | null {
    return this.#dataTimeMs;
  }

  async *parts(signal?: AbortSignal): AsyncGenerator<OsmPart> {
    const unique = new UniqueObjects();
    for (const file of this.#files) {
      const input = new TextInput(file, "json", false);
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
