/** How a document of a format is cut apart without being read. */
export interface TextBorders {
  /** @param window the document's first bytes @returns bytes up to the first element; null when it is not soon, or cannot be told */
  findHead(window: Buffer): number | null;
  /** One search through a file, in windows that follow each other. */
  startSearch(): BorderSearch;
}

/** @param text of a window, one character a byte @returns where in it an element begins of which what stands before is no part; -1 for none */
export type BorderSearch = (text: string) => number;
