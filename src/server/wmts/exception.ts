import type { FastifyReply } from "fastify";
import { escapeXml } from "./xml.ts";

/** OGC 06-121r3, table 25, and OGC 07-057r7, table 31. */
export type ExceptionCode =
  | "OperationNotSupported"
  | "MissingParameterValue"
  | "InvalidParameterValue"
  | "TileOutOfRange"
  | "NoApplicableCode";

/** A request that WMTS answers with an ExceptionReport. */
export class WmtsError extends Error {
  readonly code: ExceptionCode;
  /** The parameter. */
  readonly locator: string;

  constructor(code: ExceptionCode, locator: string, message: string) {
    super(message);
    this.code = code;
    this.locator = locator;
  }
}

/** 400 for all of them but a missing tile; OGC 07-057r7, table 32, has 501 for an operation that is not supported, but a server's monitor takes that for a fault of the server. */
export function sendException(reply: FastifyReply, { code, locator, message }: WmtsError, status = 400): FastifyReply {
  return reply
    .code(status)
    .type("application/xml")
    .send(
      `<?xml version="1.0" encoding="UTF-8"?>\n<ExceptionReport xmlns="http://www.opengis.net/ows/1.1" version="1.1.0">` +
        `<Exception exceptionCode="${code}" locator="${escapeXml(locator)}"><ExceptionText>${escapeXml(message)}</ExceptionText></Exception></ExceptionReport>\n`,
    );
}
