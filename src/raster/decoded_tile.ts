/** Pixels as they come out of a decoder: 3 channels when nothing is transparent, else 4. Row-major from the top left. */
export interface DecodedTile {
  readonly width: number;
  readonly height: number;
  readonly channels: 3 | 4;
  readonly data: Uint8Array;
}
