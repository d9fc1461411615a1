/** The package has no types of its own. */
declare module "@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs" {
  export interface JpegDecoder {
    /** Where the compressed bytes are to be written; valid until the next call. */
    getEncodedBuffer(sizeBytes: number): Uint8Array;
    /** @throws a string when the image is damaged */
    decode(): void;
    /** Pixels, row by row; valid until the next call. */
    getDecodedBuffer(): Uint8Array;
    getFrameInfo(): { width: number; height: number; bitsPerSample: number; componentCount: number };
    delete(): void;
  }

  const open: () => Promise<{ JPEGDecoder: new () => JpegDecoder }>;
  export default open;
}
