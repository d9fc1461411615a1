import { basename } from "node:path";
import type { OsmPart } from "../import/osm_part.ts";
import { cutText } from "../text/cut_text.ts";
import { readTextEnd, type TextPiece } from "../text/text_piece.ts";
import type { TextFormat } from "../text/text_worker.ts";
import type { OsmInput } from "./osm_input.ts";
import { expectWhole, TextInput } from "./text_input.ts";

/**
 * A file of Overpass JSON or XML. Its elements are cut apart by guess and read by whoever takes the parts, on as many threads as there are: 103 MB of XML took 2.8 s
 * and 205 MB where one thread that reads for the others took 3.4 s and 240 to 268 MB. After `stopGuessing`, and where nothing can be cut, it is read from its beginning to its end.
 */
export class CutInput implements OsmInput {
  readonly name: string;
  readonly #path: string;
  readonly #format: TextFormat;
  readonly #pieceBytes: number | undefined;
  readonly #whole: TextInput;
  #isGuessing = true;
  #dataTimeMs: number | null = null;

  /** @param pieceBytes of the file to a part, about. @default 1 MiB */
  constructor(path: string, format: TextFormat, pieceBytes?: number) {
    this.#path = path;
    this.#format = format;
    this.#pieceBytes = pieceBytes;
    this.#whole = new TextInput(path, format, false);
    this.name = basename(path);
  }

  get dataTimeMs(): number | null {
    return this.#dataTimeMs ?? this.#whole.dataTimeMs;
  }

  stopGuessing(): boolean {
    const was = this.#isGuessing;
    this.#isGuessing = false;
    return was;
  }

  async *parts(signal?: AbortSignal): AsyncGenerator<OsmPart> {
    if (!this.#isGuessing) return yield* this.#whole.parts(signal);
    const pieces = cutText(this.#path, this.#format, signal, this.#pieceBytes);
    let next = await pieces.next();
    try {
      for (; next.done !== true; next = await pieces.next()) yield { kind: "text", piece: next.value };
    } finally {
      await pieces.return(null);
    }
    if (next.value === null) yield* this.#whole.parts(signal);
    else yield* this.#end(next.value);
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  *#end(piece: TextPiece): Generator<OsmPart> {
    const { blocks, facts } = readTextEnd(piece);
    for (const block of blocks) yield { kind: "block", block };
    this.#dataTimeMs = facts.dataTimeMs;
    expectWhole(this.#path, facts);
  }
}
