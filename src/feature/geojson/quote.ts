/** Line separators that JSON allows in a text but that programs which read line by line take for an end. */
const LINE_ENDS = /[\u0085\u2028\u2029]/g;

/** A text as JSON. */
export function quote(text: string): string {
  const json = JSON.stringify(text);
  return json.replace(LINE_ENDS, (end) => `\\u${end.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
