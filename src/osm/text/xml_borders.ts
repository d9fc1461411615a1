import type { TextBorders } from "./text_borders.ts";
import { xmlDecoder } from "./xml_encoding.ts";

const FIRST = /<(?:node|way|relation)[\s>/]/;
/** Where an object begins behind the end of something. Comments that look like this are found out by who reads the pieces. */
const BORDER = />\s{0,80}(?=<(node|way|relation)\s(?:[^<>]{0,160}\s)?id=["'](-?\d{1,20})["'])/g;

/** Of `.osm` XML. */
export const XML_BORDERS: TextBorders = {
  findHead(window) {
    // Of other encodings a byte is no character.
    if (xmlDecoder(window).encoding !== "utf-8") return null;
    const found = FIRST.exec(window.toString("latin1"));
    return found === null ? null : found.index;
  },
  startSearch() {
    let before: string | null = null;
    return (text) => {
      for (const { 0: end, 1: type, 2: id, index } of text.matchAll(BORDER)) {
        const last = before;
        before = `${type} ${id}`;
        // Versions of an object stay together: the newest counts.
        if (last !== null && last !== before) return index + end.length;
      }
      return -1;
    };
  },
};
