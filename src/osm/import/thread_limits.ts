/** Of each thread of an import. What threads make is handed on at once; without a limit each lets 60 MB of it lie before it is collected. */
export const IMPORT_THREAD_LIMITS = { maxYoungGenerationSizeMb: 8 };
