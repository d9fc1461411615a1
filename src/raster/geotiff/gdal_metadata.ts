/** What GDAL keeps in its XML field of an image. */
export interface GdalMetadata {
  /** Of the image as a whole, without a domain of its own. */
  readonly image: Readonly<Record<string, string>>;
  /** Of bands, by index from 0: roles `description`, `scale`, `offset`, `unittype`, and other items by name. */
  readonly bands: ReadonlyMap<number, Readonly<Record<string, string>>>;
}

const MAX_ITEMS = 100_000;

/** Reads the items one by one; what is no item is passed over, so a field that is cut short gives what it has. */
export function parseGdalMetadata(xml: string): GdalMetadata {
  const image: Record<string, string> = Object.create(null) as Record<string, string>;
  const bands = new Map<number, Record<string, string>>();
  let count = 0;
  for (const [, attributes = "", content = ""] of xml.matchAll(/<Item\b([^>]*)>([^<]*)<\/Item>/g)) {
    if (++count > MAX_ITEMS) break;
    const words = attributesOf(attributes);
    const { name = "", sample, role, domain } = words;
    const text = unescape(content);
    if (sample === undefined) {
      if (domain === undefined) image[name] = text;
      continue;
    }
    const band = bands.get(Number(sample)) ?? (Object.create(null) as Record<string, string>);
    bands.set(Number(sample), band);
    band[role ?? name] = text;
  }
  return { image, bands };
}

function attributesOf(text: string): Record<string, string | undefined> {
  const found: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [, name = "", value = ""] of text.matchAll(/([\w:]+)\s*=\s*"([^"]*)"/g)) found[name] = unescape(value);
  return found;
}

const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

function unescape(text: string): string {
  return text.replaceAll(/&(?:(lt|gt|amp|quot|apos)|#(\d{1,7}));/g, (whole, name?: string, code?: string) => {
    if (name !== undefined) return ENTITIES[name] ?? whole;
    const point = Number(code);
    return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
  });
}
