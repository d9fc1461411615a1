/** Undoes horizontal differencing (TIFF 6.0, section 14) in place, on numbers in this machine's order. @param stride bands in a pixel */
export function undoDifferences(bytes: Uint8Array<ArrayBuffer>, bits: number, rowValues: number, stride: number): void {
  if (bits === 8) addUp(bytes, rowValues, stride);
  else if (bits === 16) addUp(new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length >> 1), rowValues, stride);
  else if (bits === 32) addUp(new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2), rowValues, stride);
  else addUpBig(new BigUint64Array(bytes.buffer, bytes.byteOffset, bytes.length >> 3), rowValues, stride);
}

type Words = Uint8Array | Uint16Array | Uint32Array;

function addUp(words: Words, rowValues: number, stride: number): void {
  for (let row = 0; row + rowValues <= words.length; row += rowValues) {
    const end = row + rowValues;
    if (stride === 1) {
      let sum = 0;
      // The array keeps the low bits of the sum.
      for (let i = row; i < end; i++) words[i] = sum = (sum + (words[i] as number)) | 0;
    } else {
      for (let i = row + stride; i < end; i++) words[i] = (words[i] as number) + (words[i - stride] as number);
    }
  }
}

function addUpBig(words: BigUint64Array, rowValues: number, stride: number): void {
  for (let row = 0; row + rowValues <= words.length; row += rowValues)
    for (let i = row + stride; i < row + rowValues; i++)
      words[i] = (words[i] as bigint) + (words[i - stride] as bigint);
}

/**
 * Undoes the predictor of fractions (Adobe Photoshop TIFF technical note 3): a row's bytes by their weight, the highest first, as differences. The
 * numbers come out in this machine's order.
 */
export function undoFloatPredictor(
  bytes: Uint8Array<ArrayBuffer>,
  valueBytes: number,
  rowValues: number,
  stride: number,
): void {
  const rowBytes = rowValues * valueBytes;
  const planes = new Uint8Array(rowBytes);
  for (let row = 0; row + rowBytes <= bytes.length; row += rowBytes) {
    planes.set(bytes.subarray(row, row + rowBytes));
    if (stride === 1) {
      let sum = 0;
      for (let i = 0; i < rowBytes; i++) planes[i] = sum = (sum + (planes[i] as number)) & 255;
    } else {
      for (let i = stride; i < rowBytes; i++) planes[i] = (planes[i] as number) + (planes[i - stride] as number);
    }
    for (let b = 0; b < valueBytes; b++) {
      const plane = (valueBytes - 1 - b) * rowValues;
      for (let i = 0, to = row + b; i < rowValues; i++, to += valueBytes) bytes[to] = planes[plane + i] as number;
    }
  }
}
