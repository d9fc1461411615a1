import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { TilthError } from "../core/index.ts";

/** A name in an address; how long it may be the server says for all of them. */
export const nameInAddress = z.string();

/** A whole number in an address, as text. @param message what is told instead */
export const numberInAddress = (message: string) => z.string().regex(/^\d{1,10}$/, message);

const TILE = "expected whole numbers /{z}/{x}/{y}, e.g. /3/4/2.png";
const level = numberInAddress(TILE);

/** Of a tile; the row may have an extension, which is not looked at. */
export const tileAddress = z.object({
  cache: nameInAddress,
  z: level,
  x: level,
  y: z.string().regex(/^\d{1,10}(?:@2x)?(?:\.[a-z]{2,5})?$/i, TILE),
});

/** Parts of addresses are looked at by their schemas; the first fault is told in the schema's words, as `argument.invalid`. */
export function checkAddresses(app: FastifyInstance): void {
  app.setValidatorCompiler<z.ZodType>(({ schema }) => (data) => {
    const parsed = schema.safeParse(data);
    if (parsed.success) return { value: parsed.data };
    const message = parsed.error.issues[0]?.message ?? "expected another address";
    return { error: new TilthError("argument.invalid", message) };
  });
}
