/**
 * Of each thread of an import. What threads make is handed on at once; without a limit each lets 60 MB of it lie before it is collected. What outlives a part of the input is
 * little, and how much more is let lie follows from the limit of the old generation: 46 MB in each thread with the usual 4 GB, 15 MB with this one. The young generation is 2 MB three
 * times at the most: with 4 MB twenty copies of Monaco take 13 MB more.
 */
export const IMPORT_THREAD_LIMITS = { maxYoungGenerationSizeMb: 6, maxOldGenerationSizeMb: 1024 };
