import type { FastifyRequest } from "fastify";
import { CancelledError, TilthError } from "../core/index.ts";

/** What a client waits for a tile from upstream, ms: browsers and proxies give up after 30 to 60 s. */
const DEADLINE_MS = 25_000;

export interface RequestSignal extends Disposable {
  readonly signal: AbortSignal;
}

/** Aborts when the client has gone or has waited too long; what others wait for too goes on. */
export function requestSignal(request: FastifyRequest): RequestSignal {
  const abort = new AbortController();
  const { socket } = request.raw;
  const onClose = (): void => abort.abort(new CancelledError("the client has gone"));
  const timer = setTimeout(() => {
    const message = `the source did not answer within ${DEADLINE_MS / 1000} s; ask again later`;
    abort.abort(new TilthError("timeout", message, { fields: { timeoutMs: DEADLINE_MS } }));
  }, DEADLINE_MS);
  socket.once("close", onClose);
  const dispose = (): void => {
    clearTimeout(timer);
    socket.off("close", onClose);
  };
  return { signal: abort.signal, [Symbol.dispose]: dispose };
}
