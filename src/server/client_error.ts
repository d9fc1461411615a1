import type { Socket } from "node:net";

const STATUS: Readonly<Record<string, readonly [status: string, message: string]>> = {
  HPE_HEADER_OVERFLOW: [
    "431 Request Header Fields Too Large",
    "expected an address and headers of at most 16 KiB; shorten the address or send fewer cookies",
  ],
  ERR_HTTP_REQUEST_TIMEOUT: ["408 Request Timeout", "expected the whole request within 30 s; send it again"],
};

/** Answers bytes that are no HTTP, in the shape of every other error, and hangs up. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  // Who has gone already cannot be told anything.
  if (error.code === "ECONNRESET" || socket.destroyed) return;
  const [status, message] = STATUS[error.code ?? ""] ?? [
    "400 Bad Request",
    "expected a request of HTTP/1.1; use http:// and check the address",
  ];
  const body = JSON.stringify({ error: { code: "request.invalid", message } });
  const head = `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close`;
  if (socket.writable) socket.write(`${head}\r\n\r\n${body}`);
  socket.destroy(error);
}
