/** Horizontal differences in place, from the end of each row. @param stride bands in a pixel */
export function makeDifferences(
  words: Uint8Array | Uint16Array | Uint32Array,
  rowValues: number,
  stride: number,
): void {
  for (let row = 0; row + rowValues <= words.length; row += rowValues)
    for (let i = row + rowValues - 1; i >= row + stride; i--)
      words[i] = (words[i] as number) - (words[i - stride] as number);
}

/** The predictor of fractions in place: see `undoFloatPredictor`. */
export function makeFloatDifferences(bytes: Uint8Array, valueBytes: number, rowValues: number, stride: number): void {
  const rowBytes = rowValues * valueBytes;
  const planes = new Uint8Array(rowBytes);
  for (let row = 0; row + rowBytes <= bytes.length; row += rowBytes) {
    for (let b = 0; b < valueBytes; b++) {
      const plane = (valueBytes - 1 - b) * rowValues;
      for (let i = 0, from = row + b; i < rowValues; i++, from += valueBytes) planes[plane + i] = bytes[from] as number;
    }
    for (let i = rowBytes - 1; i >= stride; i--) planes[i] = (planes[i] as number) - (planes[i - stride] as number);
    bytes.set(planes, row);
  }
}
