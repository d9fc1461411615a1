const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

/** Text or an attribute's value; characters that XML 1.0 does not know (2.2) are left out. */
export function escapeXml(text: string): string {
  // oxlint-disable-next-line no-control-regex
  const known = text.toWellFormed().replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "");
  return known.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}

/** `<name>text</name>`, escaped. */
export function element(name: string, text: string | number): string {
  return `<${name}>${escapeXml(String(text))}</${name}>`;
}
