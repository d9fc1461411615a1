/** Limits of the PBF format (wiki.openstreetmap.org/wiki/PBF_Format, 'File format'). */
export const MAX_BLOB_HEADER_BYTES = 64 * 1024;
/** Of a blob, compressed or not. */
export const MAX_BLOB_BYTES = 32 * 1024 * 1024;
