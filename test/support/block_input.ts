import type { OsmInput } from "../../src/osm/input/osm_input.ts";
import type { OsmBlock } from "../../src/osm/osm_block.ts";

/** An input of one part, whose columns are read again for each look. */
export function blockInput(block: OsmBlock): OsmInput {
  return {
    name: "test",
    dataTimeMs: null,
    parts: async function* () {
      yield { kind: "block", block };
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}
