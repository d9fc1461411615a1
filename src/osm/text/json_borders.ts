import { JsonFrame } from "./json_frame.ts";
import type { TextBorders } from "./text_borders.ts";

/**
 * Behind an element, where the next one begins as Overpass writes it. Outside of texts: a quote behind a brace ends none, or a comma, colon or bracket would follow.
 * Members of relations have `ref` behind their type, not `id`. Whatever else may look like this is found out by who reads the pieces.
 */
const BORDER = /\}\s{0,9},\s{0,80}(?=\{\s{0,80}"type"\s{0,9}:\s{0,9}"[a-z]{1,20}"\s{0,9},\s{0,80}"id")/;

/** Of Overpass JSON. */
export const JSON_BORDERS: TextBorders = {
  findHead(window) {
    const frame = new JsonFrame();
    const length = frame.feed(window, 0);
    return frame.inElements ? length : null;
  },
  startSearch: () => (text) => {
    const found = BORDER.exec(text);
    return found === null ? -1 : found.index + found[0].length;
  },
};
