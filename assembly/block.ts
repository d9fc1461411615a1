// What a block of a TIFF goes through on its way to pixels and back, in one memory.
export { deflate } from "./deflate";
export { inflate } from "./inflate";
export { makeDifferences, makeFloats, separate, undoDifferences, undoFloats } from "./predictor";
export { toValues } from "./values";
