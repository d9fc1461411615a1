import type { FastifyInstance } from "fastify";

/** Time for requests under way when the server closes, ms. */
const CLOSE_GRACE_MS = 5_000;
const SWEEP_MS = 20;

/**
 * How to close a server that is about to listen: requests under way may end, for 5 s at the most; then no connection is left. Node itself waits for
 * those on which nothing was ever asked, as browsers open them ahead, and for those that came to rest meanwhile.
 */
export function closeGently(app: FastifyInstance): () => Promise<void> {
  let running = 0;
  app.server.on("request", (_request, response) => {
    running += 1;
    response.once("close", () => (running -= 1));
  });
  return async () => {
    const giveUp = setTimeout(() => app.server.closeAllConnections(), CLOSE_GRACE_MS);
    const sweep = setInterval(() => {
      if (running === 0) app.server.closeAllConnections();
    }, SWEEP_MS);
    try {
      await app.close();
    } finally {
      clearTimeout(giveUp);
      clearInterval(sweep);
    }
  };
}
