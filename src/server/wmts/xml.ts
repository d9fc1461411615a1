const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

/** Text or an attribute's value; characters that XML 1.0 does not know are left out. */
export function escapeXml(text: string): string {
  const known = Array.from(text.toWellFormed()).filter(isXmlCharacter).join("");
  return known.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}

/** XML 1.0 (fifth edition), production 2. */
function isXmlCharacter(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return code === 0x09 || code === 0x0a || code === 0x0d;
  return code !== 0xfffe && code !== 0xffff;
}

/** `<name>text</name>`, escaped. */
export function element(name: string, text: string | number): string {
  return `<${name}>${escapeXml(String(text))}</${name}>`;
}
