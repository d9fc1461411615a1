import { z } from "zod";

/** Cap on the entries of a catalogue. */
export const MAX_ENTRIES = 10_000;

const text = z.string().max(8192);
const texts = z.record(text, text);

/** A source that a user gave a name to. Secrets stand in it as `${NAME}` only. */
export const namedSource = z.strictObject({
  name: z.string().regex(/^[a-z0-9][\w.-]{0,63}$/i),
  /** URL or file of the description, as `openServiceSource` takes it, or any other source. */
  source: text.min(1),
  /** True: `source` is described by itself (capabilities and the like). */
  service: z.boolean(),
  title: text,
  layer: text.optional(),
  style: text.optional(),
  matrixSet: text.optional(),
  format: text.optional(),
  dimensions: texts.optional(),
  headers: texts.optional(),
});

export type NamedSource = z.infer<typeof namedSource>;

export const catalogueFile = z.strictObject({
  version: z.literal(1),
  sources: z.array(namedSource).max(MAX_ENTRIES),
});

export function describeFault(cause: unknown): string | null {
  return cause instanceof z.ZodError ? z.prettifyError(cause) : null;
}
