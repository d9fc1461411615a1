/** Name, version and contact; `TILTH_CONTACT` (an address or a URL) says who runs it, as the tile policies ask. */
export function defaultUserAgent(contact: string | undefined = process.env["TILTH_CONTACT"]): string {
  const clean = cleaned(contact);
  return `Tilth/0.1 (tile seeder; contact: ${clean === "" ? "not given" : clean})`;
}

/** Whether it says at which address, of mail or of the web, those who run the program can be reached. */
export function hasContact(userAgent: string): boolean {
  return /@|https?:\/\//.test(userAgent);
}

/** One that somebody chose, with `TILTH_CONTACT` behind it where it has no contact itself. An empty one stays empty. */
export function addContact(userAgent: string, contact: string | undefined = process.env["TILTH_CONTACT"]): string {
  const clean = cleaned(contact);
  if (clean === "" || userAgent.trim() === "" || hasContact(userAgent)) return userAgent;
  return `${userAgent} (contact: ${clean})`;
}

/** What a header may hold. */
function cleaned(contact: string | undefined): string {
  return contact?.replace(/[^\x20-\x7e]/g, "").trim() ?? "";
}
